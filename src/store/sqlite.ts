/** SQLite, by the version of better-sqlite3 that this Node can use. */
import type Sqlite from 'better-sqlite3';

/**
 * Version 13 is made for Node 22 and later, and crashes an older one; version 12 aborts Node 24.19 and later as soon as a statement
 * is collected (WiseLibs/better-sqlite3#1515: `node::ObjectWrap` has a cleanup hook there). What is used of them is the same.
 */
const NAME = Number(process.versions.node.split('.')[0]) >= 22 ? 'better-sqlite3-13' : 'better-sqlite3';

const library = (await import(NAME)) as { readonly default: typeof Sqlite };
const Database: typeof Sqlite = library.default;

/**
 * No more rows than a parameter says, which is an expression for a reason: SQLite looks at the value of a parameter that stands
 * there alone, and so prepares the statement anew each time that it is run (`sqlite3ExprIsInteger`, from 3.49 on).
 */
export const LIMIT = 'LIMIT +?';

export default Database;
