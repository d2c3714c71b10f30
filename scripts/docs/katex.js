// Renders TeX: reads a JSON list of [tex, display] from stdin, writes a JSON list of HTML strings.
// An error in a formula ends the build with the formula's text.
const katex = require("katex");

let input = "";
process.stdin.on("data", (chunk) => (input += chunk));
process.stdin.on("end", () => {
  const rendered = JSON.parse(input).map(([tex, display]) => {
    try {
      return katex.renderToString(tex, { displayMode: display, throwOnError: true, strict: "error" });
    } catch (error) {
      console.error(`KaTeX cannot render ${tex}: ${error.message}`);
      process.exit(1);
    }
  });
  process.stdout.write(JSON.stringify(rendered));
});
