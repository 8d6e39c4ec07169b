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
        const svg = atob(picture.src.split(",")[1]);
        const points = Math.min(...[...svg.matchAll(/scale\\(([\\d.]+) -/g)].map(m => 100 * m[1]));
        const [, width, height] = svg.match(/viewBox="0 0 ([\\d.]+) ([\\d.]+)"/);
        const box = picture.getBoundingClientRect();
        const scale = Math.min(box.width / width, box.height / height) / zoom;
        if (points * scale < 18)
            trouble.push(`letters of ${(points * scale).toFixed(1)} px in: ${told(picture)}`);
    }
    return [...new Set(trouble)];
}
"""
