const pollMilliseconds = 500;

/**
 * Ends this process by SIGTERM once its launcher (bin/kadam.mjs) is gone: a launcher that is killed cannot pass that on,
 * and an embedded cloud without a terminal would hold its port and its data for ever.
 */
export const endWithLauncher = (launcher: string | undefined = process.env.KADAM_LAUNCHER): void => {
  if (launcher === undefined || Number(launcher) !== process.ppid) return;
  const timer = setInterval(() => {
    if (process.ppid === Number(launcher)) return;
    clearInterval(timer);
    process.kill(process.pid, 'SIGTERM');
  }, pollMilliseconds).unref();
};
