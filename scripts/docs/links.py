"""Looks for links of the built pages that lead nowhere: pages, files and anchors within them."""

import html.parser
import urllib.parse

OUTSIDE = ("http:", "https:", "mailto:", "data:", "javascript:", "blob:")


class _Page(html.parser.HTMLParser):
    """What a page links to, and the anchors that it has."""

    def __init__(self):
        super().__init__()
        self.links, self.anchors = [], set()

    def handle_starttag(self, tag, attributes):
        for name, value in attributes:
            if name in ("href", "src", "poster") and value is not None:
                self.links.append((tag, value))
            if name == "id" or (name == "name" and tag == "a"):
                self.anchors.add(value)


def read(file):
    """The links and anchors of one HTML file."""
    page = _Page()
    page.feed(file.read_text(encoding="utf8"))
    return page


def broken(site):
    """One line for each link of the folder `site` that leads nowhere."""
    pages = {file.resolve(): read(file) for file in sorted(site.rglob("*.html"))}
    lines = []
    for file, page in pages.items():
        for tag, link in dict.fromkeys(page.links):
            fault = _fault(site, file, tag, link, pages)
            if fault:
                lines.append(f"{file.relative_to(site.resolve())}: {link}: {fault}")
    return lines


def _fault(site, file, tag, link, pages):
    if link.startswith(OUTSIDE):
        loads = tag in ("script", "img", "source", "iframe", "video")
        return "loads from another host" if loads and link.startswith("http") else None
    parts = urllib.parse.urlsplit(link)
    path = urllib.parse.unquote(parts.path)
    if file.name == "404.html" and path.startswith("/"):
        return None  # the theme's, from the root of the server
    target = (site / path[1:] if path.startswith("/") else file.parent / path) if path else file
    target = target.resolve()
    if target.is_dir():
        target = target / "index.html"
    if not target.exists():
        return "no such page or file"
    anchor = urllib.parse.unquote(parts.fragment)
    if "=" in anchor and target.parent.name == "playground":
        return None  # settings, which the page reads from its address
    if anchor and target in pages and anchor not in pages[target].anchors and anchor[:2] != "__":
        return "no such anchor"
    return None
