// A renderer that takes ever more memory.
const taken: Buffer[] = [];
process.once('message', () => {
  setInterval(() => taken.push(Buffer.alloc(8 * 2 ** 20, 1)), 10);
});
