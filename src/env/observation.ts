/** An RGB picture: u8 [height, width, 3], row 0 on top. */
export interface Image {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

/** What a robot sees at one control step. Owns its memory. */
export interface Observation {
  /** Control steps since the episode began. */
  readonly step: number;
  /** Seconds since the episode began. */
  readonly time: number;
  readonly images: Readonly<Record<string, Image>>;
  readonly state: Float32Array;
}

/** A camera of the scene (an MJCF `<camera>`) and the size of its pictures. */
export interface CameraSpec {
  readonly name: string;
  readonly width: number;
  readonly height: number;
  /** Rays per pixel and axis: 2 averages four rays a pixel. Default 1. */
  readonly supersample?: number;
  /** The same, only for the pixels where two surfaces meet: as smooth an edge for a third of the rays. Default 1. */
  readonly antialias?: number;
}
