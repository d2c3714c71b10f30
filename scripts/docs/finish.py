"""What is done to the built pages: mathematics, sizes of images, the content security policy."""

import base64
import hashlib
import html
import io
import json
import os
import pathlib
import re
import subprocess

from PIL import Image

from scripts.docs import assets

# An inline script that the theme writes may run by its hash; none of ours is inline.
POLICY = (
    "default-src 'none'; script-src 'self'{hashes}; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; worker-src 'self'; "
    "manifest-src 'self'; form-action 'self'; base-uri 'self'"
)
MATH = re.compile(
    r'<(?P<tag>span|div) class="arithmatex">(?:\\\((?P<inline>.*?)\\\)|\\\[(?P<block>.*?)\\\])</(?P=tag)>',
    re.DOTALL,
)
SCRIPT = re.compile(r"<script(?P<attributes>[^>]*)>(?P<code>.*?)</script>", re.DOTALL)
IMG = re.compile(r"<img (?P<attributes>[^>]*?)\s*/?>", re.DOTALL)


def finish(site):
    """Finishes every page of the folder `site` in place."""
    pages = {page: page.read_text(encoding="utf8") for page in sorted(site.rglob("*.html"))}
    shrink_images(site)
    if assets.has_node():
        pages = render_mathematics(pages)
    for page, text in pages.items():
        text = size_images(text, page, site)
        text = load_scripts(text, page, site)
        page.write_text(add_policy(text), encoding="utf8")


def shrink_images(site):
    """Gives each large picture 256 colours, where that saves bytes: figures have no more that one sees."""
    for file in sorted(site.rglob("*.png")):
        size = file.stat().st_size
        if size < 30_000:
            continue
        with Image.open(file) as image:
            picture = image.convert("RGB").quantize(256, dither=Image.Dither.NONE)
        buffer = io.BytesIO()
        picture.save(buffer, format="png", optimize=True)
        if len(buffer.getvalue()) < 0.8 * size:
            file.write_bytes(buffer.getvalue())


def render_mathematics(pages):
    """Replaces TeX by KaTeX's HTML, all formulas of all pages in one call of node."""
    formulas = {}
    for text in pages.values():
        for match in MATH.finditer(text):
            formulas.setdefault(_formula(match))
    if not formulas:
        return pages
    script = pathlib.Path(__file__).with_name("katex.js")
    result = subprocess.run(
        ["node", str(script)], input=json.dumps(list(formulas)), capture_output=True, text=True
    )
    if result.returncode:
        raise SystemExit(result.stderr)
    rendered = dict(zip(formulas, json.loads(result.stdout), strict=True))

    def replace(match):
        tag, markup = match["tag"], rendered[_formula(match)]
        # A wide formula scrolls inside its own box, which keys can reach, and not the page.
        focus = ' tabindex="0" role="group" aria-label="formula"' if match["block"] else ""
        return f'<{tag} class="formula"{focus}>{markup}</{tag}>'

    return {page: MATH.sub(replace, text) for page, text in pages.items()}


def _formula(match):
    display = match["block"] is not None
    return html.unescape(match["block"] if display else match["inline"]).strip(), display


def size_images(text, page, site):
    """Gives each image its width and height, and loads all but the first one lazily."""
    seen = 0

    def replace(match):
        nonlocal seen
        attributes = match["attributes"].strip()
        source = re.search(r'src="([^"]+)"', attributes)
        if source is None or source[1].startswith(("data:", "http")):
            return match[0]
        if "width=" not in attributes and source[1].lower().endswith((".png", ".jpg", ".webp")):
            file = site / source[1].lstrip("/") if source[1].startswith("/") else None
            file = file or (page.parent / source[1])
            with Image.open(file) as image:
                attributes += f' width="{image.width}" height="{image.height}"'
        if 'alt="logo"' not in attributes:
            seen += 1
            if seen > 1 and "loading=" not in attributes:
                attributes += ' loading="lazy" decoding="async"'
        return f"<img {attributes}>"

    return IMG.sub(replace, text)


# What a page holds, and the styles and the script below assets/explorables that make it work.
RUNNING = (
    (
        'class="explorer"',
        ("runner/explorer.css", "explorers/explorers.css", "explorers/main.js"),
    ),
    ('id="playground"', ("playground/style.css", "playground/main.js")),
)
TAGS = {
    ".css": '<link rel="stylesheet" href="{}">',
    ".js": '<script type="module" src="{}"></script>',
}


def load_scripts(text, page, site):
    """Loads style and script of the explorers and the playground on the pages that have one."""
    head = ""
    folder = site / "assets" / "explorables"
    base = os.path.relpath(folder, page.parent).replace(os.sep, "/")
    for mark, names in RUNNING:
        if mark not in text:
            continue
        for name in names:
            if not (folder / name).exists():
                raise SystemExit(f"{page}: {folder / name} was not built.")
            head += TAGS[pathlib.Path(name).suffix].format(f"{base}/{name}")
    return text.replace("</head>", f"{head}</head>", 1)


def add_policy(text):
    """Puts the content security policy first into the head, as a meta tag."""
    hashes = []
    for match in SCRIPT.finditer(text):
        if " src=" in match["attributes"] or "application/json" in match["attributes"]:
            continue
        digest = base64.b64encode(hashlib.sha256(match["code"].encode()).digest()).decode()
        hashes.append(f" 'sha256-{digest}'")
    policy = POLICY.format(hashes="".join(dict.fromkeys(hashes)))
    meta = f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
    # After the charset, which must lie in the first 1,024 bytes.
    return re.sub(r"(<head>\s*<meta charset=[^>]*>)", rf"\1{meta}", text, count=1)
