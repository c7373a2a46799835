// A renderer that a file has taken over: it names a file of its own choice as the output.
process.once('message', () => {
  const output = {
    name: 'out',
    format: 'png',
    extension: 'png',
    path: '/etc/hostname',
    bytes: 9,
    width: 1,
    height: 1,
    pages: 1,
    sha256: '',
  };
  process.send?.({ kind: 'done', result: { outputs: [output], stages: [], peakMemoryMiB: 1 } });
});
