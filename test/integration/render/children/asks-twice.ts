// A renderer that a file has taken over: it asks for a second program while the first one runs.
process.once('message', () => {
  process.send?.({ kind: 'program', stage: 'out' });
  process.send?.({ kind: 'program', stage: 'out' });
});
process.once('disconnect', () => process.exit());
