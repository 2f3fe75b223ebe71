"""Puts the first books on the shelves, so that a shop that has just been opened is not empty."""

from django.db import migrations

# slug, title, author, year, price, blurb, description
first_books = [
    (
        "the-pillow-book", "The Pillow Book", "Sei Shōnagon", 1002, "14.00",
        "Lists, grudges and snowfall from a court a thousand years ago.",
        "A lady-in-waiting keeps a stack of paper by her bed and writes down whatever pleases or vexes her: "
        "things that lose by being painted, visitors who stay too long, the colour of a sleeve at dawn. "
        "The first great book of notes to oneself.",
    ),
    (
        "meditations", "Meditations", "Marcus Aurelius", 180, "11.50",
        "An emperor reminds himself, nightly, to be decent.",
        "Written in a tent on the frontier and meant for nobody else's eyes. The advice is short, repeated and "
        "hard: do the work in front of you, expect little thanks, and remember how soon all of it is over.",
    ),
    (
        "essays", "Essays", "Michel de Montaigne", 1580, "22.00",
        "A man in a tower asks himself what he knows, and keeps answering.",
        "Thumbs, cannibals, friendship, kidney stones: no subject is too small or too large for a mind that "
        "watches itself at work. He filled the margins of every later edition, and so may you.",
    ),
    (
        "don-quixote", "Don Quixote", "Miguel de Cervantes", 1605, "19.50",
        "Reading does a man no good at all, and the world a great deal.",
        "A country gentleman reads until his wits give way, puts a basin on his head and rides out to mend the "
        "world. His neighbour comes along for an island. Nobody has told a friendship better since.",
    ),
    (
        "candide", "Candide", "Voltaire", 1759, "8.00",
        "Everything is for the best, says the tutor, on fire.",
        "War, shipwreck, earthquake and the Inquisition follow one another at the speed of a farce, and the "
        "philosopher has an explanation for each. In the end there is a garden, and work to do in it.",
    ),
    (
        "emma", "Emma", "Jane Austen", 1815, "12.00",
        "Handsome, clever, rich, and wrong about everybody.",
        "Miss Woodhouse arranges the lives of her neighbours with the best of intentions and no talent for it. "
        "The comedy is that of a detective story whose detective overlooks herself.",
    ),
    (
        "frankenstein", "Frankenstein", "Mary Shelley", 1818, "10.50",
        "A student makes a person and will not look him in the face.",
        "Begun at eighteen, on a dare, in a summer without sun. Less a tale of lightning than of abandonment: "
        "the creature learns to read, learns to hope, and learns what he may expect.",
    ),
    (
        "jane-eyre", "Jane Eyre", "Charlotte Brontë", 1847, "13.00",
        "Small, plain, poor, and nobody's fool.",
        "A governess with a conscience like a compass takes a post in a house where somebody laughs behind a "
        "locked door. She tells it herself, and she leaves nothing out.",
    ),
    (
        "moby-dick", "Moby-Dick", "Herman Melville", 1851, "16.00",
        "A sermon, an encyclopaedia and a shipwreck in one binding.",
        "The captain wants one whale. The narrator wants to know everything: rope, oil, the whiteness of things, "
        "his bedfellow's tattoos. A book with margins wide enough for the sea.",
    ),
    (
        "bleak-house", "Bleak House", "Charles Dickens", 1853, "15.50",
        "Fog, and a lawsuit that has eaten four generations.",
        "Two narrators, one cold and one kind, divide London between them: the ministry and the crossing sweeper, "
        "the great house and the rag shop. Everybody turns out to be related, and nobody is saved by it.",
    ),
    (
        "walden", "Walden", "Henry David Thoreau", 1854, "11.00",
        "Two years in a hut, a mile from his mother's table.",
        "An account of beans, ice and visitors, with all expenses listed to the half cent. What he went to the "
        "woods to find out is still a fair question: how much of this do I need?",
    ),
    (
        "leaves-of-grass", "Leaves of Grass", "Walt Whitman", 1855, "12.50",
        "One poem, rewritten for a whole life.",
        "He set some of the type himself, reviewed it himself, unsigned, and never stopped adding. Long lines, "
        "ferries and grass, and an arm around the reader's shoulder.",
    ),
    (
        "crime-and-punishment", "Crime and Punishment", "Fyodor Dostoevsky", 1866, "14.50",
        "A theory, an axe, and a very patient policeman.",
        "Raskolnikov thinks that he may; then he has to live with having thought so. A fever of stairs, doorbells "
        "and conversations, in which the reader sweats along.",
    ),
    (
        "middlemarch", "Middlemarch", "George Eliot", 1871, "17.00",
        "A whole town, seen with mercy and without illusions.",
        "Dorothea wants to do good, Lydgate wants to do science, and both marry before they know whom. "
        "The kindest of great novels about how lives are decided: slowly, in company, and mostly by accident.",
    ),
    (
        "the-yellow-wallpaper", "The Yellow Wallpaper", "Charlotte Perkins Gilman", 1892, "7.00",
        "Complete rest, the doctor said, and no writing.",
        "A woman is shut in a nursery for the good of her nerves. She keeps a diary in secret, and studies the "
        "pattern on the walls, until somebody behind it begins to move.",
    ),
    (
        "the-time-machine", "The Time Machine", "H. G. Wells", 1895, "9.00",
        "Late for dinner, by eight hundred thousand years.",
        "The traveller finds a garden and its pretty, idle people, and takes it for the end of all trouble. "
        "Then the sun goes down, and he begins to wonder who makes their shoes.",
    ),
    (
        "the-souls-of-black-folk", "The Souls of Black Folk", "W. E. B. Du Bois", 1903, "13.50",
        "History, elegy and argument, each chapter under a line of song.",
        "What it is to be a problem, and to see oneself through other people's eyes: fourteen essays that change "
        "how the next century has to be read. Every one of them opens with a few bars of music.",
    ),
    (
        "a-room-with-a-view", "A Room with a View", "E. M. Forster", 1908, "10.00",
        "The rooms were exchanged; much else followed.",
        "Florence in spring, with a guidebook and a chaperone. Then Surrey, a tennis racket and the wrong fiancé. "
        "A comedy in which the view wins against the room, though only just.",
    ),
]
columns = ["slug", "title", "author", "year", "price", "blurb", "description"]


def put_on_shelf(apps, _schema_editor):
    book = apps.get_model("books", "Book")
    book.objects.bulk_create(book(**dict(zip(columns, row))) for row in first_books)


def take_off_shelf(apps, _schema_editor):
    apps.get_model("books", "Book").objects.filter(slug__in=[row[0] for row in first_books]).delete()


class Migration(migrations.Migration):
    dependencies = [("books", "0001_initial")]
    operations = [migrations.RunPython(put_on_shelf, take_off_shelf)]
