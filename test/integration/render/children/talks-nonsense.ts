// A renderer whose message is none.
process.once('message', () => process.send?.({ kind: 'done', result: 'fine' }));
