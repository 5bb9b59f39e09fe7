/** The command line as commander knows it. */
import { Command } from 'commander';
import { thawVersion } from '../version.ts';
import { addBisect } from './bisect.ts';
import { addCalibrate } from './calibrate.ts';
import { addClean } from './clean.ts';
import { addCompare } from './compare.ts';
import { type Context, terminal } from './context.ts';
import { addDoctor } from './doctor.ts';
import { addExplain } from './explain.ts';
import { addPlan } from './plan.ts';
import { addReport } from './report.ts';
import { addRepro } from './repro.ts';
import { addRun } from './run.ts';
import { addMerge, addSuite } from './suite.ts';
import { addSweep } from './sweep.ts';
import { addTestbed } from './testbed.ts';
import { addToolchains } from './toolchains.ts';
import { addTrend } from './trend.ts';

export function buildProgram(context: Context): Command {
  const program = new Command('thaw')
    .description('End-to-end tests and benchmarks for live migration of runc containers with CRIU.')
    .version(thawVersion(), '--version', 'print the version of Thaw')
    .helpOption('-h, --help', 'show help, with examples')
    .configureOutput({
      writeOut: (text) => void context.out.write(text),
      // Errors are told once, by execute().
      writeErr: () => {},
      outputError: () => {},
      getOutHelpWidth: () => terminal(context, context.out).width,
      getOutHasColors: () => false,
    })
    .exitOverride()
    .addHelpText('after', EXAMPLES);
  addRun(program, context);
  addSweep(program, context);
  addPlan(program, context);
  addSuite(program, context);
  addMerge(program, context);
  addCalibrate(program, context);
  addReport(program, context);
  addCompare(program, context);
  addTrend(program, context);
  addExplain(program, context);
  addRepro(program, context);
  addBisect(program, context);
  addDoctor(program, context);
  addTestbed(program, context);
  addToolchains(program, context);
  addClean(program, context);
  return program;
}

const EXAMPLES = `
Examples:
  sudo thaw doctor                       can this machine do it?
  sudo thaw run scenarios/httpd.yaml     migrate httpd to and fro, and measure
  sudo thaw sweep FILE                   what does more memory cost?
  sudo thaw suite FILE                   which runtimes and versions work?
  thaw report reports/httpd/RUN          show a run again
  thaw compare BASE CANDIDATE            is the candidate slower?
  thaw trend HISTORY                     when did it become slower?
  thaw explain RUN                       why did it fail?
  sudo thaw repro RUN                    does it fail again?
  sudo thaw bisect --good A --bad B …    which version broke it, or fixed it?
  sudo thaw clean                        remove what a killed run left behind

Exit codes:
  0    pass
  1    a check failed, or a candidate regressed
  2    unknown, or the machine did not let it run
  64   what you wrote is wrong: the command line, the scenario, or a file
  130  interrupted by Ctrl-C (143: by SIGTERM); the record is complete`;
