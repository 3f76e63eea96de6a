// Cloudflare Workers reject more than 100,000 PBKDF2 iterations in one call, but local workerd does not. This guard
// enforces the limit in every runtime under test.
const LIMIT = 100_000;
const subtle = Object.getPrototypeOf(crypto.subtle);

for (const name of ['deriveBits', 'deriveKey']) {
  const original = subtle[name];
  // Tests in one process load this file several times.
  if (original.name === 'guarded') continue;
  subtle[name] = function guarded(algorithm, ...rest) {
    if (algorithm?.iterations > LIMIT) {
      throw new DOMException(
        `${name}: more than ${LIMIT} iterations in one call`,
        'NotSupportedError',
      );
    }
    return original.call(this, algorithm, ...rest);
  };
}

console.log(`deriveBits guard: ${isOn() ? 'on' : 'OFF'}`);

function isOn() {
  try {
    crypto.subtle.deriveBits({ name: 'PBKDF2', iterations: LIMIT + 1 });
    return false;
  } catch (error) {
    return error.name === 'NotSupportedError';
  }
}
