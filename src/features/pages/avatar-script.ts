/**
 * The script of the page of the picture. It crops the chosen image to the square in its center, as its orientation shows
 * it, shrinks that to 512 pixels, and sends it as WebP, or as JPEG from browsers that write no WebP. What it draws has
 * no metadata: the place of a photo does not leave the browser. The answer is a page: the next one, or one with what was
 * wrong.
 */
export const AVATAR_SCRIPT = `
const MAX_SIDE = 512;
const QUALITY = 0.9;
const form = document.getElementById('picture');
const { notImage, noAnswer, failed, sending } = form.dataset;
const [file, preview, button, status, problem] = ['file', 'preview', 'send', 'status', 'problem'].map((name) =>
  document.getElementById('picture-' + name),
);
const context = preview.getContext('2d');

function complain(text) {
  problem.textContent = text;
  problem.hidden = text === '';
}

/** Draws the square, unless another file is chosen meanwhile. */
async function draw(chosen) {
  const image = await createImageBitmap(chosen, { imageOrientation: 'from-image' });
  if (chosen !== file.files[0]) return image.close();
  const { width, height } = image;
  const square = Math.min(width, height);
  const side = Math.min(square, MAX_SIDE);
  preview.width = preview.height = side;
  context.imageSmoothingQuality = 'high';
  context.drawImage(image, (width - square) / 2, (height - square) / 2, square, square, 0, 0, side, side);
  image.close();
  preview.hidden = false;
  button.disabled = false;
}

async function choose() {
  const [chosen] = file.files;
  complain('');
  preview.hidden = true;
  button.disabled = true;
  try {
    if (chosen) await draw(chosen);
  } catch {
    if (chosen === file.files[0]) complain(notImage);
  }
}

const encode = (type) => new Promise((resolve) => preview.toBlob(resolve, type, QUALITY));

/** A browser that cannot write a type writes PNG. JPEG has no transparency. */
async function encoded() {
  const webp = await encode('image/webp');
  if (webp.type === 'image/webp') return webp;
  context.globalCompositeOperation = 'destination-over';
  context.fillStyle = '#fff';
  context.fillRect(0, 0, preview.width, preview.height);
  return encode('image/jpeg');
}

/** Returns what was wrong. */
async function send() {
  const body = await encoded();
  const headers = { 'Form-Token': form.elements.form.value };
  const response = await fetch(location.pathname, { method: 'PUT', headers, body });
  if (response.ok) {
    location.assign(response.url);
    return '';
  }
  const page = new DOMParser().parseFromString(await response.text(), 'text/html');
  return page.querySelector('[role=alert]')?.textContent || failed;
}

form.addEventListener('submit', async (event) => {
  event.preventDefault();
  complain('');
  status.textContent = sending;
  button.disabled = file.disabled = true;
  const wrong = await send().catch(() => noAnswer);
  if (wrong === '') return;
  status.textContent = '';
  button.disabled = file.disabled = false;
  complain(wrong);
  button.focus();
});
file.addEventListener('change', choose);
document.getElementById('picture-part').hidden = false;
choose();
`;
