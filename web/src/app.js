// What the loader imports when somebody presses a button.

export { openCell } from "./cell.js";
export { openExercise } from "./exercise.js";
export { openQuestion } from "./question.js";
