//! Which elements a person would not see. Text in them is for machines only, so no machine gets it here.
//!
//! Seen are attributes and inline styles. Rules in style sheets are not worked out.

use html5ever::tokenizer::Tag;

/// Elements whose content is never text for a reader.
const SILENT: &[&str] = &[
    "applet", "audio", "canvas", "datalist", "embed", "frame", "frameset", "iframe", "map", "math", "meter", "noembed",
    "noframes", "noscript", "object", "picture", "progress", "script", "select", "style", "svg", "template",
    "textarea", "video",
];

/// What hides an element, in a style without blanks and in lower case.
const STYLES: &[&str] = &[
    "display:none",
    "visibility:hidden",
    "visibility:collapse",
    "content-visibility:hidden",
    "font-size:0",
    "font-size:1px",
    "font-size:1pt",
    "font-size:.",
    "color:transparent",
    "clip:rect(0",
    "clip:rect(1px",
    "clip-path:inset(50%",
    "clip-path:inset(100%",
    "clip-path:circle(0",
    "transform:scale(0",
    "text-indent:-",
    "left:-9",
    "right:-9",
    "top:-9",
    "bottom:-9",
    "max-height:0",
    "max-width:0",
];

/// Whether the content of an element is left out.
pub(crate) fn is_hidden(tag: &Tag) -> bool {
    if SILENT.contains(&&*tag.name) {
        return true;
    }
    tag.attrs.iter().any(|attribute| match &*attribute.name.local {
        "hidden" => true,
        "aria-hidden" => attribute.value.eq_ignore_ascii_case("true"),
        "style" => hides(&attribute.value),
        _ => false,
    })
}

fn hides(style: &str) -> bool {
    let mut plain: String = style.chars().filter(|letter| !letter.is_whitespace()).collect();
    plain.make_ascii_lowercase();
    STYLES.iter().any(|hiding| plain.contains(hiding)) || plain.split(';').any(is_see_through) || same_colours(&plain)
}

fn is_see_through(declaration: &str) -> bool {
    declaration.strip_prefix("opacity:").is_some_and(|value| {
        let value = value.trim_end_matches("!important").trim_end_matches('%');
        value.parse::<f64>().is_ok_and(|value| value < 0.05)
    })
}

/// White on white, or any colour on itself.
fn same_colours(style: &str) -> bool {
    let value = |names: &[&str]| {
        style.split(';').find_map(|declaration| {
            names.iter().find_map(|name| declaration.strip_prefix(name)?.strip_prefix(':')).map(str::to_owned)
        })
    };
    let white = ["#fff", "#ffffff", "white", "rgb(255,255,255)"];
    match (value(&["color"]), value(&["background-color", "background"])) {
        (Some(colour), Some(ground)) => colour == ground,
        (Some(colour), None) => white.contains(&colour.as_str()),
        (None, _) => false,
    }
}
