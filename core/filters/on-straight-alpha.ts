import type { ImageState } from '../image/image-state.ts';
import { type Operation, type Span, spanOf } from './pipeline-order.ts';

/**
 * Where an operation stands that has to see colours as they are. From a resize to a sharpening sharp multiplies them by
 * alpha where one of these runs: pixels that shine through would be treated as if they were darker.
 */
export const onStraightAlpha = ({ hasAlpha }: ImageState, operation: Operation): Span =>
  hasAlpha ? spanOf('resize', 'sharpen') : spanOf(operation);
