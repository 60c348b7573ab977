import { TensorProto_DataLocation, TensorProto_DataType, type TensorProto } from 'onnx-buf';
import { JepilotError } from '../errors.ts';

/** The element type float32, as messages hold it. */
export const FLOAT: number = TensorProto_DataType.FLOAT;

/** A float32 constant of two axes. */
export const isMatrix = ({ dims, dataType }: TensorProto): boolean => dims.length === 2 && dataType === FLOAT;

/** The values of a float32 constant, row-major. Data in another file is `bad-model`. */
export function floatsOf({ name, dims, rawData, floatData, dataLocation }: TensorProto): Float32Array {
  const size = dims.reduce((a, b) => a * Number(b), 1);
  // Copied: the bytes of a decoded file need not begin at a multiple of four.
  const values =
    rawData.length > 0 ? new Float32Array(new Uint8Array(rawData).buffer) : Float32Array.from(floatData);
  if (values.length === size && dataLocation !== TensorProto_DataLocation.EXTERNAL) return values;
  throw new JepilotError('bad-model', `constant '${name}' expected ${size} values, got ${values.length}`);
}
