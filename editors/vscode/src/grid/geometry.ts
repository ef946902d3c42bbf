/** Moving between panes by their place on the page, whatever the number of columns. */

export interface Box {
  left: number;
  top: number;
  width: number;
  height: number;
}

export type Direction = "left" | "right" | "up" | "down";

/** The box next to `boxes[from]` in a direction; none at the edge. */
export function neighbour(boxes: readonly Box[], from: number, to: Direction): number | undefined {
  const start = boxes[from];
  if (start === undefined) {
    return undefined;
  }
  let best: number | undefined;
  let least = Infinity;
  boxes.forEach((box, i) => {
    const dx = box.left + box.width / 2 - (start.left + start.width / 2);
    const dy = box.top + box.height / 2 - (start.top + start.height / 2);
    const [ahead, aside] = along(to, dx, dy);
    // A neighbour lies ahead and overlaps: half of both sizes is the most it may lie aside.
    const sideways = to === "left" || to === "right";
    const reach = sideways ? (box.height + start.height) / 2 : (box.width + start.width) / 2;
    if (i === from || ahead <= 1 || Math.abs(aside) >= reach) {
      return;
    }
    const distance = ahead + Math.abs(aside) / 2;
    if (distance < least) {
      [best, least] = [i, distance];
    }
  });
  return best;
}

function along(to: Direction, dx: number, dy: number): [number, number] {
  switch (to) {
    case "left":
      return [-dx, dy];
    case "right":
      return [dx, dy];
    case "up":
      return [-dy, dx];
    case "down":
      return [dy, dx];
  }
}
