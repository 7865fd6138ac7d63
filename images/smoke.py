"""Does what tasks do with the programs and libraries of the image, and prints `ok` or why not for each.
Run by `cargo xtask image --smoke` inside the unpacked image, without network; `office` also tries the office layer.
`documents` makes and reads one document of each kind alone: tasks of both tiers do that with the whole image."""

import os
import pathlib
import shutil
import subprocess
import sys
import time
import traceback

CHECKS = []
OFFICE = []


def check(function):
    CHECKS.append(function)
    return function


def office(function):
    OFFICE.append(function)
    return function


def run(*command, stdin=None, **more):
    done = subprocess.run(command, input=stdin, capture_output=True, text=True, timeout=300, **more)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)} ended with {done.returncode}: {done.stderr.strip()[-400:]}")
    return done.stdout


def same(found, wanted):
    if found != wanted:
        raise RuntimeError(f"found {found!r} and not {wanted!r}")


def has(text, part):
    if part not in text:
        raise RuntimeError(f"found {text[:200]!r} without {part!r}")


@check
def read_only_root_without_set_user_id():
    for place in ["/usr/probe", "/etc/probe", "/probe"]:
        try:
            open(place, "w").close()
        except OSError:
            continue
        raise RuntimeError(f"{place} can be written")
    same(run("find", "/usr", "/etc", "-perm", "/6000"), "")


@check
def xlsx_with_openpyxl():
    import openpyxl
    from openpyxl.chart import BarChart, Reference

    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["month", "sum"])
    for month in range(1, 13):
        sheet.append([month, month * 100])
    sheet["D1"] = "=SUM(B2:B13)"
    chart = BarChart()
    chart.add_data(Reference(sheet, min_col=2, min_row=1, max_row=13), titles_from_data=True)
    sheet.add_chart(chart, "F2")
    book.save("book.xlsx")
    again = openpyxl.load_workbook("book.xlsx").active
    same((again["A2"].value, again["B13"].value, again["D1"].value), (1, 1200, "=SUM(B2:B13)"))


@check
def xlsx_with_pandas():
    import pandas

    frame = pandas.DataFrame({"name": ["Ann", "Bob", "Ann"], "hours": [1.5, 2, 3]})
    for engine in ["openpyxl", "xlsxwriter"]:
        frame.to_excel(f"{engine}.xlsx", index=False, engine=engine)
        again = pandas.read_excel(f"{engine}.xlsx")
        same(again.groupby("name")["hours"].sum().to_dict(), {"Ann": 4.5, "Bob": 2.0})
    frame.to_csv("frame.csv", index=False)
    same(len(pandas.read_csv("frame.csv")), 3)
    has(frame.style.to_html(), "Ann")
    same(pandas.Timestamp("2026-11-23", tz="Europe/Berlin").utcoffset().seconds, 3600)


@check
def numpy_linear_algebra():
    import numpy

    same(numpy.linalg.solve(numpy.array([[2.0, 0], [0, 4]]), numpy.array([2.0, 8])).tolist(), [1.0, 2.0])


@check
def docx():
    import docx as library

    document = library.Document()
    document.add_heading("Quarter", 1)
    document.add_paragraph("All is well: ä ö ü €.")
    table = document.add_table(rows=1, cols=2)
    table.rows[0].cells[1].text = "cell"
    document.save("text.docx")
    again = library.Document("text.docx")
    same([paragraph.text for paragraph in again.paragraphs], ["Quarter", "All is well: ä ö ü €."])
    same(again.tables[0].cell(0, 1).text, "cell")


@check
def pptx():
    import pptx as library
    from pptx.chart.data import CategoryChartData
    from pptx.enum.chart import XL_CHART_TYPE
    from pptx.util import Inches

    deck = library.Presentation()
    slide = deck.slides.add_slide(deck.slide_layouts[5])
    slide.shapes.title.text = "Growth"
    data = CategoryChartData()
    data.categories = ["a", "b"]
    data.add_series("one", (1, 2))
    slide.shapes.add_chart(XL_CHART_TYPE.COLUMN_CLUSTERED, Inches(1), Inches(2), Inches(5), Inches(3), data)
    deck.save("deck.pptx")
    same(library.Presentation("deck.pptx").slides[0].shapes.title.text, "Growth")


@check
def pdf_with_reportlab_and_four_readers():
    import pdfplumber
    import pypdf
    import pypdfium2
    from reportlab.lib.styles import getSampleStyleSheet
    from reportlab.platypus import PageBreak, Paragraph, SimpleDocTemplate, Table

    style = getSampleStyleSheet()["Normal"]
    table = Table([["item", "price"], ["pen", "12"]], style=[("GRID", (0, 0), (-1, -1), 1, "black")])
    SimpleDocTemplate("report.pdf").build([Paragraph("Hello report", style), table, PageBreak(), Paragraph("two", style)])
    reader = pypdf.PdfReader("report.pdf")
    same(len(reader.pages), 2)
    has(reader.pages[0].extract_text(), "Hello report")
    with pdfplumber.open("report.pdf") as pdf:
        same(pdf.pages[0].extract_tables(), [[["item", "price"], ["pen", "12"]]])
    same(len(pypdfium2.PdfDocument("report.pdf")), 2)
    has(run("pdftotext", "report.pdf", "-"), "Hello report")


@check
def pdf_encrypted():
    import pypdf

    writer = pypdf.PdfWriter(clone_from="report.pdf")
    writer.encrypt("secret", algorithm="AES-256")
    writer.write("locked.pdf")
    reader = pypdf.PdfReader("locked.pdf", password="secret")
    has(reader.pages[0].extract_text(), "Hello report")


@check
def qpdf():
    has(run("qpdf", "--check", "report.pdf"), "No syntax or stream encoding errors found")
    run("qpdf", "report.pdf", "--pages", ".", "2", "--", "second.pdf")
    has(run("pdfinfo", "second.pdf"), "Pages:           1")
    run("pdfunite", "report.pdf", "second.pdf", "three.pdf")
    has(run("pdfinfo", "three.pdf"), "Pages:           3")


@check
def picture_of_a_page():
    from PIL import Image

    run("pdftoppm", "-png", "-r", "100", "-singlefile", "report.pdf", "page")
    page = Image.open("page.png").convert("L")
    dark = sum(1 for value in page.tobytes() if value < 128)
    if dark < 200:
        raise RuntimeError(f"the page has only {dark} dark points: are there fonts?")


@check
def matplotlib():
    import matplotlib as library

    library.use("Agg")
    import matplotlib.pyplot as plot
    from PIL import Image

    figure, axes = plot.subplots()
    axes.plot([1, 2, 3], [1, 4, 9], label="squares $x^2$")
    axes.legend()
    for kind in ["png", "pdf", "svg"]:
        figure.savefig(f"plot.{kind}")
    same(Image.open("plot.png").size, (640, 480))
    has(run("pdftotext", "plot.pdf", "-"), "squares")


@check
def pictures():
    from PIL import Image

    for kind in ["jpg", "png", "webp", "gif", "tiff", "bmp"]:
        Image.new("RGB", (40, 30), "red").save(f"small.{kind}")
        same(Image.open(f"small.{kind}").size, (40, 30))
    has(run("file", "--mime-type", "small.webp"), "image/webp")


@check
def markup():
    import bs4
    import lxml.etree
    import lxml.html
    import yaml

    same(lxml.etree.fromstring("<a><b>1</b></a>").findtext("b"), "1")
    same(bs4.BeautifulSoup("<p>x<i>y</i>", "lxml").get_text(), "xy")
    same(yaml.safe_load("a: [1, 2]"), {"a": [1, 2]})


@check
def git():
    os.mkdir("repository")
    who = ["-c", "user.name=Ann", "-c", "user.email=ann@example.org"]
    run("git", "init", "-q", "-b", "main", cwd="repository")
    pathlib.Path("repository/file").write_text("one\n")
    run("git", "add", ".", cwd="repository")
    run("git", *who, "commit", "-q", "-m", "first", cwd="repository")
    same(run("git", "log", "--format=%s by %an", cwd="repository"), "first by Ann\n")
    run("git", "clone", "-q", "repository", "clone")
    pathlib.Path("clone/file").write_text("two\n")
    has(run("git", "diff", cwd="clone"), "+two")
    has(run("git", "grep", "-n", "two", cwd="clone"), "file:1")
    run("git", *who, "stash", cwd="clone")
    has(run("git", "--version"), "git version")


@check
def words_and_data():
    same(run("jq", "-c", ".a|map(.+1)", stdin='{"a":[1,2]}'), "[2,3]\n")
    same(run("rg", "--count", "one", "repository/file"), "1\n")
    same(run("sqlite3", ":memory:", "select sum(value) from generate_series(1,4)"), "10\n")
    same(run("awk", "{s+=$1} END {print s}", stdin="1\n2\n"), "3\n")
    same(run("bc", stdin="2^10\n"), "1024\n")
    same(run("perl", "-MEncode", "-MJSON::PP", "-MPOSIX", "-e", 'print encode_json([1,"a"])'), '[1,"a"]')
    same(run("iconv", "-f", "cp1252", "-t", "utf-8", stdin="plain"), "plain")
    same(run("date", "-d", "@0", env={**os.environ, "TZ": "Asia/Tokyo", "LC_ALL": "C.UTF-8"})[:10], "Thu Jan  1")


@check
def archives():
    run("zip", "-q", "-r", "a.zip", "repository/file", "text.docx")
    has(run("unzip", "-l", "a.zip"), "text.docx")
    for letter, name in [("z", "gz"), ("j", "bz2"), ("J", "xz")]:
        run("tar", f"c{letter}f", f"a.tar.{name}", "text.docx")
        same(run("tar", f"t{letter}f", f"a.tar.{name}"), "text.docx\n")
    run("tar", "--zstd", "-cf", "a.tar.zst", "text.docx")
    run("rsync", "-a", "repository/", "copy/")
    has(run("tree", "copy"), "file")


@check
def python_environments():
    run("python3", "-m", "venv", "environment")
    has(run("environment/bin/python", "-m", "pip", "--version"), "pip")
    has(run("curl", "--version"), "https")
    import ssl

    if len(ssl.create_default_context().get_ca_certs()) < 50:
        raise RuntimeError("the authorities' certificates are missing")


@check
def no_network():
    done = subprocess.run(["curl", "-sS", "-m", "5", "http://192.0.2.1/"], capture_output=True)
    if done.returncode == 0:
        raise RuntimeError("something answered")


def converted(source, kind):
    run("soffice", "--headless", "--convert-to", kind, "--outdir", "converted", source)
    return f"converted/{pathlib.Path(source).stem}.{kind.split(':')[0]}"


@office
def docx_to_pdf():
    has(run("pdftotext", converted("text.docx", "pdf"), "-"), "All is well: ä ö ü €.")


@office
def pptx_and_xlsx_to_pdf():
    has(run("pdftotext", converted("deck.pptx", "pdf"), "-"), "Growth")
    has(run("pdftotext", converted("book.xlsx", "pdf"), "-"), "7800")


@office
def old_formats():
    has(run("file", converted("text.docx", "doc")), "Composite Document File")
    os.rename("converted/text.doc", "old.doc")
    has(run("pdftotext", converted("old.doc", "pdf"), "-"), "Quarter")
    has(run("file", converted("book.xlsx", "ods")), "OpenDocument Spreadsheet")


@office
def formulas_are_computed():
    import openpyxl

    os.rename(converted("book.xlsx", "xlsx"), "computed.xlsx")
    same(openpyxl.load_workbook("computed.xlsx", data_only=True).active["D1"].value, 7800)


@office
def pandoc():
    pathlib.Path("note.md").write_text("# Title\n\nSome *text* and $x^2$.\n")
    run("pandoc", "note.md", "-o", "note.docx")
    has(run("pandoc", "note.docx", "-t", "plain"), "Some text")
    has(run("pandoc", "text.docx", "-t", "gfm"), "# Quarter")


@office
def tesseract():
    from PIL import Image, ImageDraw, ImageFont

    picture = Image.new("L", (900, 160), 255)
    font = ImageFont.truetype("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf", 60)
    ImageDraw.Draw(picture).text((30, 40), "Invoice 2026 total", font=font, fill=0)
    picture.save("scan.png")
    has(run("tesseract", "scan.png", "-"), "Invoice 2026 total")


@office
def fonts_as_wide_as_the_named_ones():
    for name, stands_in in [("Calibri", "Carlito"), ("Cambria", "Caladea"), ("Arial", "Liberation Sans")]:
        has(run("fc-match", name), stands_in)


@office
def node_with_docx_and_pptxgenjs():
    write = """
      const { Document, Packer, Paragraph } = require('docx');
      const document = new Document({ sections: [{ children: [new Paragraph('from node')] }] });
      Packer.toBuffer(document).then((bytes) => require('fs').writeFileSync('node.docx', bytes));
      const Deck = require('pptxgenjs');
      const deck = new Deck();
      deck.addSlide().addText('from node', { x: 1, y: 1 });
      deck.writeFile({ fileName: 'node.pptx' });
    """
    run("node", "-e", write)
    import docx as word
    import pptx as slides

    same(word.Document("node.docx").paragraphs[0].text, "from node")
    same(slides.Presentation("node.pptx").slides[0].shapes[0].text_frame.text, "from node")
    pathlib.Path("module.mjs").write_text("import { Paragraph } from 'docx'; console.log(typeof Paragraph);\n")
    same(run("node", "module.mjs"), "function\n")


def documents():
    kinds = [xlsx_with_openpyxl, docx, pptx, pdf_with_reportlab_and_four_readers]
    return kinds + ([docx_to_pdf] if shutil.which("soffice") else [])


def main():
    failed = 0
    wanted = sys.argv[1:]
    for function in documents() if "documents" in wanted else CHECKS + (OFFICE if "office" in wanted else []):
        name = function.__name__.replace("_", " ")
        begun = time.monotonic()
        try:
            function()
            print(f"ok      {time.monotonic() - begun:5.1f} s  {name}")
        except Exception as error:
            failed += 1
            print(f"FAILED  {time.monotonic() - begun:5.1f} s  {name}: {type(error).__name__}: {error}")
            if not isinstance(error, RuntimeError):
                traceback.print_exc(limit=-3)
    sys.exit(1 if failed else 0)


main()
