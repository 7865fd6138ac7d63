"""Compiles what the libraries of the image load when they are imported, and nothing else: the rest of their modules
would cost 15 MB and is seldom asked for. Run inside the fresh tree by finish.sh.

The result is valid by declaration (PEP 552, unchecked), not by the time of a file: it is the same in every build and
is used from a read-only tree."""

import importlib
import pkgutil
import py_compile
import sys

# Imported with everything below them.
WHOLE = ["docx", "openpyxl", "pdfplumber", "pptx", "xlsxwriter", "json", "email", "html", "xml", "zipfile"]

# Imported as a program would.
LOADED = """
argparse asyncio base64 bs4 chardet concurrent.futures configparser csv ctypes datetime decimal difflib encodings.cp1252
encodings.idna encodings.latin_1 encodings.utf_16 fractions glob hashlib http.server lxml.etree lxml.html mailbox
matplotlib.backends.backend_agg matplotlib.backends.backend_pdf matplotlib.backends.backend_svg matplotlib.pyplot
matplotlib.dates multiprocessing numpy numpy.fft numpy.linalg numpy.random pandas pandas.io.excel._openpyxl
pandas.io.excel._xlsxwriter pandas.io.formats.excel pandas.io.formats.html pandas.io.formats.style pandas.io.json
pandas.io.sql pandas.plotting._matplotlib pathlib pdb pdfminer.high_level PIL.BmpImagePlugin PIL.GifImagePlugin
PIL.Image PIL.ImageDraw PIL.ImageFont PIL.ImageOps PIL.JpegImagePlugin PIL.PngImagePlugin PIL.TiffImagePlugin
PIL.WebPImagePlugin pprint pypdf pypdfium2 random reportlab.lib.pagesizes reportlab.lib.styles reportlab.pdfgen.canvas
reportlab.platypus reportlab.graphics.charts.barcharts reportlab.graphics.shapes requests runpy secrets shutil socket
sqlite3 ssl statistics subprocess tarfile tempfile textwrap timeit tokenize traceback unittest urllib.request uuid venv
wave webbrowser yaml zoneinfo
""".split()


def load(name):
    try:
        return importlib.import_module(name)
    except ImportError as error:
        sys.exit(f"compile.py: cannot import `{name}`: {error}")


sys.dont_write_bytecode = True
for name in LOADED:
    load(name)
for name in WHOLE:
    package = load(name)
    for found in pkgutil.walk_packages(package.__path__, name + "."):
        if not found.name.endswith("__main__"):
            load(found.name)

files = {getattr(module, "__file__", None) for module in list(sys.modules.values())}
for file in sorted(file for file in files if file and file.endswith(".py") and file != __file__):
    py_compile.compile(file, doraise=True, invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH)
