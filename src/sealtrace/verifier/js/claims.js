// Claims: one thing a file says, and whether it holds. Broken: it does not. Unknown: not to be checked here.

export class Broken extends Error {}
export class Unknown extends Error {}

export function must(holds, otherwise) {
  if (!holds) throw new Broken(otherwise);
}

/** Claims in the order they were checked: {claim, holds: true | false | null, detail}. */
export class Claims {
  list = [];

  async run(claim, check) {
    let holds = true, detail = "";
    try {
      detail = String((await check()) ?? "");
    } catch (error) {
      holds = error instanceof Unknown ? null : false;
      // whatever hostile content trips over: what can't be worked out does not hold
      detail = error instanceof Broken || error instanceof Unknown ? error.message : "can't be checked";
    }
    this.list.push({ claim, holds, detail });
  }

  get hold() {
    return this.list.some((c) => c.holds) && this.list.every((c) => c.holds !== false);
  }
}
