/* The theme is remembered, so that the next deck, and the speaker's view, open in it too. */
const asked = new URLSearchParams(location.search).get("theme");
let remembered = null;
try { remembered = localStorage.getItem("theme"); } catch { /* storage is switched off */ }

function show(theme) {
    document.documentElement.dataset.theme = theme;
    try { localStorage.setItem("theme", theme); } catch { /* storage is switched off */ }
}
show(asked ?? remembered ?? "light");

Reveal.initialize({
    width: 1280,
    height: 720,
    margin: 0,
    minScale: 0.1,
    maxScale: 4,
    center: false,
    hash: true,
    controlsBackArrows: "visible",
    transition: "none",
    backgroundTransition: "none",
    slideNumber: "c/t",
    defaultTiming: 60,
    pdfMaxPagesPerSlide: 1,
    pdfSeparateFragments: false,
    plugins: [RevealNotes],
});
Reveal.addKeyBinding({ keyCode: 84, key: "T", description: "Light or dark" }, () =>
    show(document.documentElement.dataset.theme === "light" ? "dark" : "light"),
);
// In the speaker's view the word "Upcoming" and the choice of a layout get a line of their own.
addEventListener("message", ({ data, source }) => {
    if (!/"reveal-notes".*"connected"/.test(data)) return;
    const style = source.document.createElement("style");
    style.textContent = `
        body #upcoming-slide, body[data-speaker-layout] #upcoming-slide { padding-top: 48px; }
        body[data-speaker-layout="wide"] #current-slide { padding-top: 48px; }`;
    source.document.head.append(style);
});
