//! HTML in, Markdown out; and pages that were made to hurt.

use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::markdown;

fn text(html: &str) -> String {
    markdown(html, "https://good.example/a/b", Instant::now() + Duration::from_secs(5)).text
}

#[test]
fn usual_pages_come_out_readable() {
    let table = [
        ("<h1>A</h1><h3>B  c</h3>d", "# A\n\n### B c\n\nd"),
        ("<p>one\n two</p><p>three<br>four", "one two\n\nthree\nfour"),
        ("a <b>b</b> <i>c</i> <strong> d </strong><em></em>e <code>f g</code>", "a **b** *c* ** d** e `f g`"),
        ("<a href='/x?y=1&amp;z=2'>here</a>", "[here](https://good.example/x?y=1&z=2)"),
        (
            "<a href='c'>rel</a> <a href='//other.example/'>abs</a>",
            "[rel](https://good.example/a/c) [abs](https://other.example/)",
        ),
        ("<a href='javascript:alert(1)'>no</a> <a href='mailto:a@b.c'>mail</a> <a href='#top'>up</a>", "no mail up"),
        ("<a href='/empty'></a>x<a href='/un'>closed", "x[closed](https://good.example/un)"),
        ("<a href='/p(1)'>p</a>", "[p](https://good.example/p%281%29)"),
        ("<ul><li>a<li>b<ul><li>c</ul><li>d</ul>e", "- a\n- b\n  - c\n- d\n\ne"),
        ("<ol start=3><li>a</li><li><p>b</p><p>c</p></li></ol>", "3. a\n4. b\n  c"),
        ("<blockquote><p>a</p><p>b</p></blockquote>c", "> a\n\n> b\n\nc"),
        ("<pre>a\n  b\n\nc &lt;d&gt;</pre>e", "```\na\n  b\n\nc <d>\n```\n\ne"),
        ("<pre><code>x  y</code></pre>", "```\nx  y\n```"),
        ("a<hr>b", "a\n\n---\n\nb"),
        ("<img alt='a cat' src=x> <img src=y>", "[image: a cat]"),
        (
            "<table><tr><th>A<th>B</tr><tr><td>1<td><p>2</p><p>3</p></tr></table>x",
            "| A | B |\n| --- | --- |\n| 1 | 2 3 |\n\nx",
        ),
        ("<title>T</title><p>x", "x"),
        ("a&nbsp;b &amp; &eacute; &#x41;", "a b & \u{e9} A"),
        ("<div>a<div>b</div></div><section>c</section>", "a\n\nb\n\nc"),
        ("just text", "just text"),
        ("", ""),
    ];
    for (html, expected) in table {
        assert_eq!(text(html), expected, "{html}");
    }
}

#[test]
fn what_nobody_sees_is_left_out() {
    let table = [
        "<script>secret</script>",
        "<script>secret<!--</script>",
        "<style>secret</style>",
        "<noscript><p>secret</p></noscript>",
        "<template>secret</template>",
        "<svg><text>secret</text></svg>",
        "<iframe>secret</iframe>",
        "<textarea>secret</textarea>",
        "<select><option>secret</select>",
        "<!-- secret -->",
        "<p hidden>secret</p>",
        "<div hidden><div>a secret</div>secret</div>",
        "<div HIDDEN=''>secret</div>",
        "<span aria-hidden=true>secret</span>",
        "<p style='display:none'>secret</p>",
        "<p style='DISPLAY : none !important'>secret</p>",
        "<p style='visibility:hidden'>secret</p>",
        "<p style='opacity:0'>secret</p>",
        "<p style='opacity: 0.01 ; color:red'>secret</p>",
        "<p style='font-size:0px'>secret</p>",
        "<p style='font-size:1pt;color:white'>secret</p>",
        "<p style='color:#FFFFFF'>secret</p>",
        "<p style='color:red;background:red'>secret</p>",
        "<p style='position:absolute;left:-9999px'>secret</p>",
        "<p style='text-indent:-5000px'>secret</p>",
        "<p style='clip:rect(0,0,0,0)'>secret</p>",
        "<ul><li hidden>secret<li>seen</ul>",
        "<p hidden>secret<p>seen",
        "<img alt='' title='secret'>",
        "<input type=hidden value=secret>",
        "<meta name=description content=secret>",
    ];
    for html in table {
        let out = text(&format!("before {html} after"));
        assert!(!out.contains("secret"), "{html}: {out}");
        assert!(out.contains("before") && out.contains("after"), "{html}: {out}");
        assert!(!html.contains("seen") || out.contains("seen"), "{html}: {out}");
    }
    let smuggled: String = "hi".chars().map(|letter| char::from_u32(0xe0000 + letter as u32).unwrap()).collect();
    assert_eq!(text(&format!("a{smuggled}\u{202e}\u{200b}b\u{7}")), "ab");
}

#[test]
fn pages_made_to_hurt_take_no_time_and_no_room() {
    let attributes: String = (0..200_000).fold(String::new(), |all, index| all + &format!(" a{index}=1"));
    let pages = [
        "<div>".repeat(200_000),
        "<b><i>".repeat(150_000),
        (0..1500).fold(String::new(), |all, index| all + &format!("<b x={index}>")) + &"<p>".repeat(300_000),
        "<ul><li>".repeat(100_000) + "x",
        "<blockquote>a".repeat(50_000),
        "<table><tr><td>".repeat(60_000),
        "<a href=x>y".repeat(80_000),
        "</b>x".repeat(100_000),
        "<pre>\n".repeat(100_000),
        format!("<p{attributes}>x"),
        "<".repeat(1_000_000),
        "&".repeat(1_000_000),
        "<script>".repeat(100_000),
        "<li hidden>".repeat(100_000),
        "a\u{e000}".repeat(300_000),
    ];
    for (index, page) in pages.iter().enumerate() {
        let start = Instant::now();
        let out = markdown(page, "https://good.example/", start + Duration::from_secs(1)).text;
        let took = start.elapsed();
        assert!(took < Duration::from_secs(10), "page {index} took {took:?}");
        assert!(out.len() < 1_500_000, "page {index} gave {} bytes", out.len());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_page_breaks_it(pieces in proptest::collection::vec(
        proptest::sample::select(vec![
            "<p>", "</p>", "<ul>", "<ol start=9>", "</ul>", "<li>", "</li>", "<a href=/x>", "</a>", "<b>", "</b>", "<pre>",
            "</pre>", "<table>", "<tr>", "<td>", "</tr>", "</table>", "<blockquote>", "</blockquote>", "<h2>", "</h2>",
            "<div hidden>", "</div>", "<code>", "</code>", "<br>", "<img alt=x>", " ", "word", "\n", "<!--", "-->", "<", ">",
            "<script>", "</script>", "&amp;", "ü", "<title>", "</title>", "<textarea>",
        ]), 0..60))
    {
        let out = text(&pieces.concat());
        prop_assert!(!out.contains("\n\n\n\n\n"));
    }

    #[test]
    fn no_text_breaks_it(html in "\\PC{0,200}") {
        text(&html);
    }
}
