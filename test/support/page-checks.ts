// Expressions that a browser evaluates in a page.

/** Lists the elements that the window or their box cuts off. */
export const CUT_OFF = `[...document.querySelectorAll('body *')]
  .filter((element) => {
    const { left, right } = element.getBoundingClientRect();
    return left < 0 || right > innerWidth || element.scrollWidth > element.clientWidth + 1;
  })
  .map(({ outerHTML }) => outerHTML)`;

/** The contrast of an element's text with the first background behind it (WCAG 2.2 section 1.4.3). */
export const CONTRAST = `(element) => {
  const bytes = (colour) => {
    const context = new OffscreenCanvas(1, 1).getContext('2d');
    context.fillStyle = colour;
    context.fillRect(0, 0, 1, 1);
    return [...context.getImageData(0, 0, 1, 1).data];
  };
  const luminance = (colour) => {
    const [r, g, b] = bytes(colour).slice(0, 3).map((byte) => byte / 255)
      .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const isDark = matchMedia('(prefers-color-scheme: dark)').matches;
  let background = isDark ? 'rgb(18, 18, 18)' : 'white';
  for (let at = element; at; at = at.parentElement) {
    const own = getComputedStyle(at).backgroundColor;
    if (bytes(own)[3] === 255) { background = own; break; }
  }
  const [a, b] = [getComputedStyle(element).color, background].map(luminance);
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
}`;
