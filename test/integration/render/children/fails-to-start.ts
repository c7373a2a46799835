throw new Error('no sharp for this platform');
