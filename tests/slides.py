"""What is wrong with a slide, as a browser shows it: the measure that the tests take."""

# The slide that is shown, with all its fragments. Lengths are those of a sheet of 1280 x 720.
TROUBLE = """
() => {
    const sheet = Reveal.getCurrentSlide().querySelector(".sheet");
    const frame = sheet.getBoundingClientRect();
    const zoom = frame.width / 1280;
    const trouble = [];
    const told = element => element.textContent.trim().replace(/\\s+/g, " ").slice(0, 40)
        || element.alt?.slice(0, 40);
    const foot = 720 - 46, right = 1280 - 60;
    for (const element of sheet.querySelectorAll("*")) {
        if (element.closest("aside, .running")) continue;
        const box = element.getBoundingClientRect();
        if (!box.width && !box.height) continue;
        const [x, y, r, b] = [box.left - frame.left, box.top - frame.top,
            box.right - frame.left, box.bottom - frame.top].map(n => n / zoom);
        if (x < 0 || y < 0 || r > right || b > foot)
            trouble.push(`beyond the sheet, to ${[r, b].map(Math.round)}: ${told(element)}`);
        const style = getComputedStyle(element);
        const wide = element.scrollWidth > element.clientWidth + 1 && style.display !== "inline";
        const held = style.overflowY !== "visible";
        const tall = element.scrollHeight > element.clientHeight + 1 && held;
        if (element.clientWidth && (wide || tall)) trouble.push(`cut off: ${told(element)}`);
        const own = [...element.childNodes].some(n => n.nodeType === 3 && n.data.trim());
        const size = parseFloat(style.fontSize);
        const code = element.closest("pre, code, kbd");
        if (own && size < (code ? 24 : 18)) trouble.push(`${size} px: ${told(element)}`);
    }
    for (const picture of sheet.querySelectorAll("img")) {
        if (!picture.checkVisibility()) continue;  // it belongs to the other theme
        const svg = atob(picture.src.split(",")[1]);
        const points = Math.min(...[...svg.matchAll(/scale\\(([\\d.]+) -/g)].map(m => 100 * m[1]));
        const [, width, height] = svg.match(/viewBox="0 0 ([\\d.]+) ([\\d.]+)"/);
        const box = picture.getBoundingClientRect();
        const scale = Math.min(box.width / width, box.height / height) / zoom;
        if (points * scale < 18)
            trouble.push(`letters of ${(points * scale).toFixed(1)} px in: ${told(picture)}`);
    }
    for (const output of sheet.querySelectorAll(".output, .figure, .table")) {
        const step = output.closest(".fragment");
        const after = Node.DOCUMENT_POSITION_FOLLOWING;
        const codes = step ? [...step.querySelectorAll(".input")] : [];
        if (!step || codes.some(code => code.compareDocumentPosition(output) & after))
            trouble.push(`comes together with its code: ${told(output)}`);
    }
    return [...new Set(trouble)];
}
"""
# All slides one below the other with all their fragments, to be looked at in one go.
UNROLL = """
() => {
    for (const part of document.querySelectorAll(".slides section, .fragment")) {
        part.hidden = false;
        part.removeAttribute("aria-hidden");
        part.classList.remove("past", "future");
        part.classList.add("present", "visible");
    }
    const style = document.createElement("style");
    style.textContent = `html, body, .reveal, .slides, .slides section {
        position: static !important; display: block !important; transform: none !important;
        zoom: 1 !important; overflow: visible !important; height: auto !important; }`;
    document.head.append(style);
}
"""
