#!/usr/bin/env node
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

if (existsSync(join(import.meta.dirname, '../dist/cli.js'))) {
  const { main } = await import('../dist/cli.js');
  const { version } = createRequire(import.meta.url)('../package.json');
  main(process.argv.slice(2), version);
} else {
  console.error(
    'rxchat: it is not built yet; "npm start" in its folder does that, too, "npm run build" just that',
  );
  process.exitCode = 1;
}
