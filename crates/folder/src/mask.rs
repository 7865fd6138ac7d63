//! Names that are refused inside every place, granted or not: stores of keys, and our own temporary files.

/// Directories that hold keys, by name, with the reason shown. A name matches in every spelling that some file system
/// takes for it, and wherever it stands in a path.
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
    let plain = plain(name);
    MASKED.iter().find(|(masked, _)| plain == *masked).map(|(_, why)| *why)
}

/// Whether a name is one of our temporary files.
pub(crate) fn is_temporary(name: &str) -> bool {
    let plain = plain(name);
    plain.starts_with(TEMPORARY_START) && plain.ends_with(TEMPORARY_END)
}

/// A name as a file system that ignores letter case compares it: small letters, also those that Unicode folds to ASCII
/// ones, without the characters that nobody sees.
fn plain(name: &str) -> String {
    let seen = |character: &char| {
        !matches!(u32::from(*character), 0xAD | 0x34F | 0x61C | 0x180B..=0x180E | 0x200B..=0x200F | 0x202A..=0x202E
            | 0x2060..=0x206F | 0xFE00..=0xFE0F | 0xFEFF)
    };
    let small = |character: char| match character {
        '\u{17F}' => 's',
        '\u{212A}' => 'k',
        other => other.to_ascii_lowercase(),
    };
    name.chars().filter(seen).map(small).collect()
}

/// Whether a name of a directory is one that no task sees or makes: a store of keys, or a temporary file of ours.
pub fn is_hidden(name: &std::ffi::OsStr) -> bool {
    name.to_str().is_some_and(|name| masked(name).is_some() || is_temporary(name))
}

/// A fresh temporary name.
pub fn temporary_name() -> std::io::Result<String> {
    let number = getrandom::u64().map_err(|_| std::io::Error::other("the system gives no random numbers"))?;
    Ok(format!("{TEMPORARY_START}{number:016x}{TEMPORARY_END}"))
}

#[cfg(test)]
#[path = "mask_tests.rs"]
mod mask_tests;
