/** A disk whose writes and reads may not return, for a process that is started with its environment. */
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

  /** From now on no write returns, or no read. */
  hang(what: 'writes' | 'reads' = 'writes'): void {
    writeFileSync(what === 'reads' ? `${this.#hang}.reads` : this.#hang, '');
  }

  goOn(): void {
    for (const file of [this.#hang, `${this.#hang}.reads`]) rmSync(file, { force: true });
  }
}
