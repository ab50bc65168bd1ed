// Writes through an archive as fast as it can, and says on stdout up to which turn its receipts say that all is kept.
import { writeSync } from 'node:fs';
import { openArchive } from '../../dist/store/opening.js';

const [folder] = process.argv.slice(2);
const FOR_EVER = { seconds: Infinity, lines: Infinity, bytes: Infinity };
const place = { key: '#ops', shown: '#ops', private: undefined };

openArchive({ folder, keeping: FOR_EVER, history: 200, verifierOf: () => undefined }).subscribe((archive) => {
  let sequence = archive.registry.sequence;
  archive.answers.subscribe((answers) => {
    const kept = answers.flatMap((answer) => (answer.type === 'kept' ? answer.kept : []));
    if (kept.length > 0) writeSync(1, `${String(kept.at(-1).line)}\n`);
  });
  // Mail is for somebody.
  archive.perform([{ do: 'reserve', key: 'bob', shown: 'bob', owner: 'o1', version: 'v1' }]);
  const flood = () => {
    sequence++;
    const said = {
      sequence,
      index: 0,
      time: Date.now(),
      from: 'Alice',
      texts: [`${String(sequence)}.0`, `${String(sequence)}.1`],
    };
    const receipt = { client: 'alice', line: sequence, part: 0 };
    archive.perform([
      { do: 'keep', said, room: place, receipt },
      { do: 'mail', said, owner: 'o1', receipt },
    ]);
    setImmediate(flood);
  };
  flood();
});
