// Reads {"tables": {name: schema}, "queries": {name: text}} and prints each query's errors, by Kusto's own parser.
require("@kusto/language-service-next/bridge.js");
require("@kusto/language-service-next/Kusto.Language.Bridge.js");

const { KustoCode, GlobalState, Symbols } = Kusto.Language;
const { tables, queries } = JSON.parse(require("fs").readFileSync(0, "utf8"));
const symbols = Object.entries(tables).map(([name, schema]) => new Symbols.TableSymbol.$ctor7(name, schema));
const globals = GlobalState.Default.WithDatabase(new Symbols.DatabaseSymbol.ctor("logs", symbols));

const errors = {};
for (const [name, text] of Object.entries(queries)) {
  const found = KustoCode.ParseAndAnalyze(text, globals).GetDiagnostics();
  errors[name] = Array.from({ length: found.Count }, (_, place) => found.getItem(place).Message);
}
console.log(JSON.stringify(errors));
