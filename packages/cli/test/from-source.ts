/** What `bin/stowage.js` does, from the sources instead of the build: the tests need no build before them. */
import { main } from 'stowage';

process.exitCode = await main(process.argv.slice(2));
