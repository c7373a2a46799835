import { describe, expect, it } from 'vitest';
import { imageParameters, parametersDiffer } from '../../../../deploy/image-parameters.ts';

const filter = { container: 'filter', uri: 'repository@sha256:1', built: false };
const oilPaint = { container: 'oil-paint', uri: 'repository@sha256:2', built: true };

describe("the images' parameters", () => {
  it('are named after their containers', () => {
    expect(imageParameters([filter, oilPaint])).toEqual([
      { ParameterKey: 'FilterImageUri', ParameterValue: 'repository@sha256:1' },
      { ParameterKey: 'OilPaintImageUri', ParameterValue: 'repository@sha256:2' },
    ]);
  });

  it("differ from the stack's where an image is another, or new", () => {
    const wanted = imageParameters([filter]);
    expect(parametersDiffer(wanted, [...wanted, { ParameterKey: 'Other', ParameterValue: 'x' }])).toBe(false);
    expect(parametersDiffer(wanted, [{ ParameterKey: 'FilterImageUri', ParameterValue: 'not-built' }])).toBe(true);
    expect(parametersDiffer(wanted, [])).toBe(true);
  });
});
