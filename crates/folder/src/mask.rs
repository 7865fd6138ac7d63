//! Names that are refused inside every place, granted or not: stores of keys, and our own temporary files.

/// Directories that hold keys, by name, with the reason shown. A name matches in any letter case, because some
/// file systems ignore case, and wherever it stands in a path.
const MASKED: &[(&str, &str)] = &[
    (".ssh", "it holds SSH keys"),
    (".gnupg", "it holds OpenPGP keys"),
    (".aws", "it holds cloud credentials"),
    (".azure", "it holds cloud credentials"),
    (".kube", "it holds cluster credentials"),
    (".password-store", "it holds passwords"),
    (".deskhand", "it belongs to Deskhand"),
];

const TEMPORARY_START: &str = ".deskhand-";
const TEMPORARY_END: &str = ".tmp";

/// Why a name is refused; none where it is not.
pub(crate) fn masked(name: &str) -> Option<&'static str> {
    MASKED.iter().find(|(masked, _)| name.eq_ignore_ascii_case(masked)).map(|(_, why)| *why)
}

/// Whether a name is one of our temporary files.
pub(crate) fn is_temporary(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    lower.starts_with(TEMPORARY_START) && lower.ends_with(TEMPORARY_END)
}

/// A fresh temporary name.
pub(crate) fn temporary_name() -> std::io::Result<String> {
    let number = getrandom::u64().map_err(|_| std::io::Error::other("the system gives no random numbers"))?;
    Ok(format!("{TEMPORARY_START}{number:016x}{TEMPORARY_END}"))
}
