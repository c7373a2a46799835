// A renderer that a file has taken over: it asks for the program of a stage that has none.
process.once('message', () => process.send?.({ kind: 'program', stage: 'out-decoded' }));
process.once('disconnect', () => process.exit());
