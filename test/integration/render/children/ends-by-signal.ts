// A renderer that ends itself by the signal that the job's input path names, once it has its job.
process.once('message', (job: { inputPath: string }) => {
  process.kill(process.pid, job.inputPath);
});
