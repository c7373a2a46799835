import { planCommand, planUsage } from './plan-command.ts';
import { runCommand } from './run-command.ts';

await runCommand((deps) => planCommand(deps), planUsage);
