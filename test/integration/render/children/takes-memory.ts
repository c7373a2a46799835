// A renderer that takes ever more memory, up to a gigabyte, which no machine of a test should mind.
const taken: Buffer[] = [];
process.once('message', () => {
  setInterval(() => taken.length < 128 && taken.push(Buffer.alloc(8 * 2 ** 20, 1)), 10);
});
process.once('disconnect', () => process.exit());
