import type { EngineSearch } from '../images/find-engine.ts';
import { engineProblem, engineWayOut } from '../images/publish-images.ts';
import type { Check } from './finding.ts';

export type ImagesPort = {
  /** The containers whose images are not in the registry yet. */
  missingImages(): Promise<string[]>;
  findEngine(): Promise<EngineSearch>;
};

/** An engine answers, where there are images to build. */
export const checkImages = (stage: string, port: ImagesPort): Check => ({
  name: 'images',
  async look() {
    const missing = await port.missingImages();
    if (missing.length === 0) return [{ status: 'ok', found: 'all in ECR already: no engine is needed' }];
    const search = await port.findEngine();
    const names = missing.join(', ');
    if (search.engine !== undefined) {
      const { command, kind, version } = search.engine;
      const engine = kind === 'buildx' ? `${command} ${version} with buildx` : `${command} ${version}`;
      return [{ status: 'ok', found: `${names}: to be built with ${engine}` }];
    }
    return [
      {
        status: 'refused',
        found: `${names}: to be built, and no engine answers (${engineProblem(search)})`,
        wayOut: engineWayOut(stage),
      },
    ];
  },
});
