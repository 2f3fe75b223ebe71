/** The words of a block of text. */
const words = (text: string): readonly string[] => text.trim().split(/\s+/);

/** Host names that the platform itself, or a network's customs, may need. */
export const reservedNames: ReadonlySet<string> = new Set(
  words(`
  account addons admin api app apps assets auth autoconfig autodiscover billing blog cdn console dashboard data
  docs ftp git help heroku id imap internal isatap local localhost login logs mail media metrics oauth pop postmaster
  ravine registry rendezvous root router security smtp sso static status support webmail wpad www
`),
);

export const adjectives = words(`
  amber ample arctic autumn bold brave bright brisk calm clear clever cobalt coral cosmic crisp dapper deep dewy
  eager early fabled fair fast fleet fresh frosty gentle glad golden grand green hardy hazel honest humble icy
  jolly keen kind late light limber lively lucid lunar mellow merry mighty misty modest neat nimble noble open
  patient plucky polar proud quick quiet ready rustic silent silver smooth snowy solar spry steady still sunny
  swift tidy tranquil vivid warm wild windy wise young
`);

export const nouns = words(`
  acorn alder badger bay beacon birch bluff breeze bridge brook canyon cedar cliff cloud comet cove crane creek
  dale dawn delta dune dusk eagle ember falls fern field finch fjord forest gale glade glen gorge grove harbor
  haven heron hill island juniper lagoon lake larch ledge maple marsh meadow mesa moor moss oak otter peak pebble
  pine plain pond prairie rain ravine reef ridge river shore sky slope spring star stone stream summit tide trail
  valley wave willow wren
`);
