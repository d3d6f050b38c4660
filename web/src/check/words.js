// What checks say: the sentences that Python reads too, in leocourse/checks/ladder.json.

import ladder from "../../../leocourse/checks/ladder.json" with { type: "json" };

export const LADDER = ladder;

/** A sentence with its gaps filled in. Where it has two forms, ``count`` is the number that it speaks of. */
export function say(name, values = {}, count = 0) {
  const found = LADDER.sentences[name];
  const sentence = typeof found === "string" ? found : found[count === 1 ? "one" : "many"];
  return sentence.replace(/\{(\w+)\}/g, (_, gap) => {
    if (!(gap in values)) throw new Error(`"${name}" needs a value for ${gap}`);
    return values[gap];
  });
}
