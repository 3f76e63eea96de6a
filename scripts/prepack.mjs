// Builds all that the package contains, before `npm pack`. `.npmrc` turns off npm's own call of this script, so it is
// `npm run server:pack` that calls it.
import './build.mjs';
import './build-client.mjs';
