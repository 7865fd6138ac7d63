//! How many files of the user a tree holds, and the words of the question about it.

use event::{Effect, Inquiry};
use folder::{FileKind, text_of};

use crate::asking::{Matter, Question};
use crate::attr::Attr;

/// Counting ends here; the card then says "more than".
const COUNT_CAP: u64 = 100_000;

/// The question in full. Walks the tree.
pub(crate) fn inquiry(question: &Question) -> Inquiry {
    let files = count(question);
    let tree = escaped(&question.tree);
    let what = match (files, files > COUNT_CAP) {
        (_, true) => format!("delete more than {COUNT_CAP} files in `{tree}`"),
        (0, false) => format!("delete the empty directory `{tree}`"),
        (1, false) => format!("delete 1 file, `{tree}`"),
        (_, false) => format!("delete {files} files in `{tree}`"),
    };
    let (what, note) = match question.matter {
        Matter::Deletion => (what, "Undo brings back what goes"),
        Matter::Loss => (format!("change or delete `{tree}`"), "it cannot be kept, so this cannot be undone"),
    };
    let reason = format!("{what} ({note})");
    let files = match question.matter {
        Matter::Deletion => files.min(COUNT_CAP),
        Matter::Loss => 1,
    };
    Inquiry { effects: vec![Effect::DeletePath(question.tree.clone())], reason, files: Some(files) }
}

fn count(question: &Question) -> u64 {
    let mut files = 0;
    let mut open = vec![(question.spot.clone(), question.tree.clone())];
    while let Some((spot, known)) = open.pop() {
        let Ok((_, attr)) = spot.look() else { continue };
        if attr.kind() != FileKind::Directory {
            files += u64::from(!is_made(question, &known, &attr));
            continue;
        }
        for entry in spot.list().unwrap_or_default() {
            let path = format!("{known}/{}", text_of(&entry.name));
            let inner = spot.join(&entry.name);
            let is_directory = entry.type_bits == 0o040_000 || entry.type_bits == 0;
            if is_directory || question.made.contains_key(&path) {
                open.push((inner, path));
            } else {
                files += 1;
            }
            if files > COUNT_CAP {
                return files;
            }
        }
    }
    files
}

fn is_made(question: &Question, known: &str, attr: &Attr) -> bool {
    question.made.get(known) == Some(&attr.identity())
}

/// Text without characters that could make it look like something else.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        let turns = matches!(u32::from(character), 0x200E | 0x200F | 0x2028..=0x202E | 0x2066..=0x2069 | 0xFEFF);
        if character.is_control() || turns {
            safe.extend(character.escape_default());
        } else {
            safe.push(character);
        }
    }
    safe
}
