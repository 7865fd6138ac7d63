//! PDF: text by page, scanned pages, hostile files.

use lopdf::content::{Content, Operation};
use lopdf::{Document, Object, Stream, dictionary};
use serde_json::json;
use tool::OUTPUT_CAP;

use crate::world::{World, text};

/// A PDF with one page for each text; an empty text makes a page without any.
fn pdf(pages: &[&str]) -> Document {
    let mut document = Document::with_version("1.5");
    let tree = document.new_object_id();
    let font = document.add_object(dictionary! {
        "Type" => "Font", "Subtype" => "Type1", "BaseFont" => "Helvetica", "Encoding" => "WinAnsiEncoding",
    });
    let resources = document.add_object(dictionary! { "Font" => dictionary! { "F1" => font } });
    let kids: Vec<Object> = pages
        .iter()
        .map(|words| {
            let mut operations = vec![Operation::new("BT", vec![]), Operation::new("Tf", vec!["F1".into(), 12.into()])];
            for line in words.lines() {
                operations.push(Operation::new("Td", vec![0.into(), (-14).into()]));
                operations.push(Operation::new("Tj", vec![Object::string_literal(line)]));
            }
            operations.push(Operation::new("ET", vec![]));
            let content = Content { operations }.encode().unwrap();
            let content = document.add_object(Stream::new(dictionary! {}, content));
            document
                .add_object(dictionary! {
                    "Type" => "Page", "Parent" => tree, "Contents" => content, "Resources" => resources,
                    "MediaBox" => vec![0.into(), 0.into(), 595.into(), 842.into()],
                })
                .into()
        })
        .collect();
    let count = i64::try_from(kids.len()).unwrap();
    document.objects.insert(tree, dictionary! { "Type" => "Pages", "Kids" => kids, "Count" => count }.into());
    let catalog = document.add_object(dictionary! { "Type" => "Catalog", "Pages" => tree });
    document.trailer.set("Root", catalog);
    document
}

fn bytes(mut document: Document) -> Vec<u8> {
    let mut bytes = Vec::new();
    document.save_to(&mut bytes).unwrap();
    bytes
}

#[tokio::test]
async fn pages_come_as_text() {
    let world = World::new();
    world.write("Reports/a.pdf", bytes(pdf(&["Quarterly report\nRevenue rose", "Second page", "Third page"])));
    let shown = world.read("a.pdf").await;
    assert_eq!(
        shown,
        "[page 1 of 3]\nQuarterly report\nRevenue rose\n[page 2 of 3]\nSecond page\n[page 3 of 3]\nThird page\n"
    );
    let second = world.ok("Read", json!({"path": "a.pdf", "offset": 2, "limit": 1})).await;
    assert_eq!(second, "[page 2 of 3]\nSecond page\n[pages 2-2 of 3; read on with offset 3]\n");
    let past = world.failed("Read", json!({"path": "a.pdf", "offset": 4})).await;
    assert_eq!(past, "the PDF has 3 pages; offset 4 is past its end");
}

#[tokio::test]
async fn a_scanned_pdf_says_so() {
    let world = World::new();
    world.write("Reports/a.pdf", bytes(pdf(&["", ""])));
    let shown = world.read("a.pdf").await;
    assert!(shown.starts_with("[no text in this PDF on pages 1-2 of 2: it is probably scanned."), "{shown}");
}

#[tokio::test]
async fn a_long_pdf_is_capped_by_page() {
    let world = World::new();
    let page = "words on a page ".repeat(200);
    world.write("Reports/a.pdf", bytes(pdf(&vec![page.as_str(); 40])));
    let shown = world.read("a.pdf").await;
    assert!(shown.len() <= OUTPUT_CAP, "{}", shown.len());
    assert!(shown.contains("[pages 1-9 of 40; read on with offset 10]"), "{}", &shown[shown.len() - 100..]);
    let page = "x".repeat(100_000);
    world.write("Reports/b.pdf", bytes(pdf(&[page.as_str()])));
    assert!(world.read("b.pdf").await.len() <= OUTPUT_CAP);
}

#[tokio::test]
async fn hostile_files_end_in_a_report() {
    let world = World::new();
    let good = bytes(pdf(&["Quarterly report", "Second"]));
    let mut cases: Vec<Vec<u8>> = vec![
        b"%PDF-1.7".to_vec(),
        b"%PDF-1.7\n%%EOF".to_vec(),
        good[..good.len() / 2].to_vec(),
        [b"%PDF-1.7\n1 0 obj\n".as_slice(), &b"[".repeat(500_000)].concat(),
        [b"%PDF-1.7\n1 0 obj\n".as_slice(), &b"<</A ".repeat(200_000)].concat(),
        [b"%PDF-1.7\n1 0 obj\n".as_slice(), &b"(".repeat(500_000)].concat(),
    ];
    // A page tree that is its own child, and one that is deep.
    let mut looped = pdf(&["x"]);
    let tree = looped.catalog().unwrap().get(b"Pages").unwrap().as_reference().unwrap();
    looped.objects.insert(tree, dictionary! { "Type" => "Pages", "Kids" => vec![tree.into()], "Count" => 9 }.into());
    cases.push(bytes(looped));
    // A content stream that unpacks to far more than is taken.
    let mut bomb = pdf(&["x"]);
    let page = bomb.get_pages()[&1];
    let content = bomb.get_page_contents(page)[0];
    bomb.objects.insert(content, Stream::new(dictionary! {}, vec![b' '; 80 << 20]).into());
    bomb.compress();
    cases.push(bytes(bomb));
    // Bytes changed here and there.
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut random = move |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state % below as u64).unwrap()
    };
    for _ in 0..200 {
        let mut case = good.clone();
        for _ in 0..8 {
            let at = random(case.len());
            case[at] = u8::try_from(random(256)).unwrap();
        }
        case[..5].copy_from_slice(b"%PDF-");
        cases.push(case);
    }
    for case in cases {
        world.write("Reports/a.pdf", &case);
        let report = world.run("Read", json!({"path": "a.pdf"})).await;
        assert!(!text(&report).is_empty() && text(&report).len() <= OUTPUT_CAP);
    }
}
