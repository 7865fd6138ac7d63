//! What the model is told about the tools. This text is part of the product; its size is capped by a test.

use event::Json;
use tool::{Reach, ToolSpec};

/// A tool as the model sees it. `input` is written in this crate, so it always reads as JSON.
fn spec(name: &'static str, reach: Reach, description: &str, input: &str) -> ToolSpec {
    ToolSpec {
        name,
        description: description.to_owned(),
        input: Json::parse(input).unwrap_or_else(|_| Json::empty_object()),
        reach,
    }
}

pub(crate) fn read() -> ToolSpec {
    spec(
        "Read",
        Reach::Reads,
        "Reads a file. Text comes with line numbers: each line is `number<TAB>text`; the number and tab are not part of \
         the file. At most 2,000 lines a call; the end says how to read on. PNG, JPEG, GIF and WebP are shown as \
         pictures up to 5 MB. PDF comes as text by page; offset and limit then count pages. Of a directory the names \
         are listed. For office documents and other binary files use Bash. Read a file before you change it.",
        r#"{"type":"object","properties":{"path":{"type":"string","description":"absolute, or relative to the working folder"},"offset":{"type":"integer","minimum":1,"description":"first line or page"},"limit":{"type":"integer","minimum":1,"description":"how many"}},"required":["path"],"additionalProperties":false}"#,
    )
}

pub(crate) fn write() -> ToolSpec {
    spec(
        "Write",
        Reach::Changes,
        "Makes a text file with exactly this content, or replaces the whole content of one; missing directories are \
         made. A file that was there before must have been read in this task, and not have changed since. To change a \
         part of a file use Edit. Finished files for the user belong in /outputs or in the folder they named. The old \
         content is kept and the user can undo the change.",
        r#"{"type":"object","properties":{"path":{"type":"string"},"content":{"type":"string","description":"the whole content"}},"required":["path","content"],"additionalProperties":false}"#,
    )
}

pub(crate) fn edit() -> ToolSpec {
    spec(
        "Edit",
        Reach::Changes,
        "Replaces a passage of a text file that was read in this task. old_string must match the file exactly, spaces \
         and line breaks included, without the line numbers that Read shows. It must occur once: add the lines around \
         it until it does, or set replace_all to change every occurrence. Encoding, line endings and the rest of the \
         file stay as they are. The result shows the changed place.",
        r#"{"type":"object","properties":{"path":{"type":"string"},"old_string":{"type":"string"},"new_string":{"type":"string"},"replace_all":{"type":"boolean"}},"required":["path","old_string","new_string"],"additionalProperties":false}"#,
    )
}

pub(crate) fn glob() -> ToolSpec {
    spec(
        "Glob",
        Reach::Reads,
        "Finds files by name, newest change first, at most 500. `*` matches within a name, `**` across directories, \
         `{a,b}` either: `*.csv` looks in one directory only, `**/*.csv` also below it. What .gitignore names is left \
         out, and symbolic links are not followed.",
        r#"{"type":"object","properties":{"pattern":{"type":"string"},"path":{"type":"string","description":"directory to look in; default: the working folder"}},"required":["pattern"],"additionalProperties":false}"#,
    )
}

pub(crate) fn grep() -> ToolSpec {
    spec(
        "Grep",
        Reach::Reads,
        "Searches the text of files with a regular expression (Rust syntax, line by line). output: `lines` (default) \
         gives matching lines with their numbers, `files` only paths, `count` matches per file. Binary files and what \
         .gitignore names are left out.",
        r#"{"type":"object","properties":{"pattern":{"type":"string"},"path":{"type":"string","description":"file or directory; default: the working folder"},"glob":{"type":"string","description":"only files like `*.md`"},"output":{"enum":["lines","files","count"]},"ignore_case":{"type":"boolean"},"context":{"type":"integer","minimum":0,"maximum":20,"description":"lines around each match"},"limit":{"type":"integer","minimum":1,"description":"matches or files shown; default 200"}},"required":["pattern"],"additionalProperties":false}"#,
    )
}
