/** A disk whose writes do not return, for a process that is started in front of it. */
import { spawnSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'vitest';
import { folder } from './kept.ts';
import { installed, needs, ROOT } from './needs.ts';

export class HangingDisk {
  /** Of the process. */
  readonly environment: Readonly<Record<string, string>>;
  readonly #hang: string;

  constructor(context: TestContext) {
    needs('C compiler', installed('cc'), context);
    const at = folder();
    const library = join(at, 'hanging-disk.so');
    this.#hang = join(at, 'hang');
    const source = join(ROOT, 'test/support/hanging-disk.c');
    const { status, stderr } = spawnSync('cc', ['-shared', '-fPIC', '-o', library, source, '-ldl']);
    if (status !== 0) throw new Error(String(stderr));
    this.environment = { LD_PRELOAD: library, HANG: this.#hang };
  }

  /** From now on no write returns. */
  hang(): void {
    writeFileSync(this.#hang, '');
  }

  goOn(): void {
    rmSync(this.#hang);
  }
}
