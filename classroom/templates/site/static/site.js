// Whatever is wider than its place can be scrolled, by key too.
const SCROLLS = ".figure, .table, .table-wrapper, .highlight pre, article > section pre";
function reach() {
    for (const part of document.querySelectorAll(SCROLLS)) {
        if (part.scrollWidth > part.clientWidth) part.tabIndex = 0;
        else part.removeAttribute("tabindex");
    }
}
addEventListener("load", reach);
addEventListener("resize", reach);
document.addEventListener("toggle", reach, { capture: true });
