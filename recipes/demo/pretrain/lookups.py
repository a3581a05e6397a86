"""Practice in reading: conversations that ask for facts given in the message.

Every conversation lists a few people or things with facts about them, then asks for some of the facts.
Names are put together anew each time, so that an answer can only be found in the message. Nothing here
is about travel: the demo's job, its wording and its names are not practised.
"""
import random

# Per kind: the name's form, introductions, and facts as (value, statements, questions, answers, unknown).
# {n} is the name, {v} the value.
KINDS = {
    "colleague": ("person", ["Here is who works with us.", "These are the people in our office.", "My colleagues:", ""], [
        ("number", ["{n} sits in room {v}.", "{n} is in room {v}.", "{n}: room {v}."],
         ["Which room is {n} in?", "Where does {n} sit?", "What room does {n} have?"], ["{n} is in room {v}."]),
        ("digits", ["You can call {n} at {v}.", "{n} has the number {v}.", "The phone number of {n} is {v}."],
         ["What is the phone number of {n}?", "How can I call {n}?", "What number does {n} have?"], ["The phone number of {n} is {v}."]),
        ("food", ["{n} drinks {v}.", "{n} likes {v} best.", "{n} always takes {v}."],
         ["What does {n} drink?", "What would {n} like?", "What should I bring {n}?"], ["{n} would like {v}."]),
    ]),
    "parcel": ("code", ["The parcels that came today:", "This is what we have in store.", "Please look at these parcels.", ""], [
        ("number", ["Parcel {n} is on shelf {v}.", "{n} stands on shelf {v}.", "Shelf {v} has parcel {n}."],
         ["On which shelf is {n}?", "Where is parcel {n}?", "Where do I find {n}?"], ["Parcel {n} is on shelf {v}."]),
        ("weight", ["{n} weighs {v}.", "Parcel {n} has a weight of {v}.", "The weight of {n} is {v}."],
         ["How heavy is {n}?", "What does parcel {n} weigh?", "What is the weight of {n}?"], ["Parcel {n} weighs {v}."]),
        ("person", ["{n} is for {v}.", "Parcel {n} goes to {v}.", "{v} gets parcel {n}."],
         ["Who is {n} for?", "Who gets parcel {n}?", "To whom does {n} go?"], ["Parcel {n} is for {v}."]),
    ]),
    "class": ("subject", ["Our courses this term.", "These are the classes:", "Here is the plan of the school.", ""], [
        ("time", ["The {n} class begins at {v}.", "{n} starts at {v}.", "At {v} we have {n}."],
         ["When does {n} begin?", "At what time is {n}?", "What time does the {n} class start?"], ["The {n} class begins at {v}."]),
        ("person", ["{v} teaches {n}.", "The teacher for {n} is {v}.", "{n} is taught by {v}."],
         ["Who teaches {n}?", "Who is the teacher for {n}?", "Whose class is {n}?"], ["{n} is taught by {v}."]),
        ("number", ["{n} is in room {v}.", "We meet for {n} in room {v}.", "The {n} class uses room {v}."],
         ["Which room is {n} in?", "Where do we meet for {n}?", "What room does the {n} class use?"], ["The {n} class is in room {v}."]),
    ]),
    "player": ("person", ["The team:", "Here are our players.", "Notes on the players.", ""], [
        ("number", ["{n} wears number {v}.", "Number {v} is {n}.", "{n} plays with number {v}."],
         ["What number does {n} wear?", "Which number is {n}?", "What is the number of {n}?"], ["{n} wears number {v}."]),
        ("place", ["{n} comes from {v}.", "{n} was born in {v}.", "{n} grew up in {v}."],
         ["Where does {n} come from?", "Where is {n} from?", "What is the home of {n}?"], ["{n} comes from {v}."]),
        ("count", ["{n} has {v} points.", "{n} made {v} points.", "So far {n} scored {v} points."],
         ["How many points does {n} have?", "What did {n} score?", "How many points did {n} make?"], ["{n} has {v} points."]),
    ]),
    "dish": ("dish", ["From my cookbook:", "Some dishes I make.", "Notes from the kitchen.", ""], [
        ("minutes", ["{n} takes {v}.", "Cook {n} for {v}.", "{n} needs {v} in the oven."],
         ["How long does {n} take?", "How long do I cook {n}?", "How much time does {n} need?"], ["{n} takes {v}."]),
        ("money", ["{n} is {v}.", "{n} costs {v}.", "For {n} you pay {v}."],
         ["How much is {n}?", "What does {n} cost?", "What do I pay for {n}?"], ["{n} costs {v}."]),
        ("food", ["{n} is made with {v}.", "{n} has {v} in it.", "The secret of {n} is {v}."],
         ["What is {n} made with?", "What is in {n}?", "What is the secret of {n}?"], ["{n} is made with {v}."]),
    ]),
    "pet": ("short", ["Our animals:", "These animals need a home.", "The shelter looks after these.", ""], [
        ("animal", ["{n} is a {v}.", "{n}, a {v}, is here too.", "The {v} is called {n}."],
         ["What is {n}?", "What kind of animal is {n}?", "Which animal is called {n}?"], ["{n} is a {v}."]),
        ("count", ["{n} is {v} years old.", "The age of {n} is {v}.", "{n} turned {v} this year."],
         ["How old is {n}?", "What age is {n}?", "Tell me the age of {n}."], ["{n} is {v} years old."]),
        ("weekday", ["{n} sees the vet on {v}.", "On {v} the vet looks at {n}.", "The vet comes for {n} on {v}."],
         ["When does {n} see the vet?", "On which day does the vet come for {n}?", "Which day is it for {n}?"], ["{n} sees the vet on {v}."]),
    ]),
    "book": ("title", ["Books on the list:", "The library has these.", "I sorted our books.", ""], [
        ("person", ["{v} wrote {n}.", "{n} is by {v}.", "The author of {n} is {v}."],
         ["Who wrote {n}?", "Who is the author of {n}?", "By whom is {n}?"], ["{n} is by {v}."]),
        ("count", ["{n} has {v} pages.", "There are {v} pages in {n}.", "{n} is {v} pages long."],
         ["How many pages does {n} have?", "How long is {n}?", "How many pages are in {n}?"], ["{n} has {v} pages."]),
        ("weekday", ["{n} is due on {v}.", "Bring {n} back on {v}.", "{n} must be back by {v}."],
         ["When is {n} due?", "When must {n} be back?", "By which day do I return {n}?"], ["{n} is due on {v}."]),
    ]),
    "machine": ("code", ["State of the machines:", "Report from the hall.", "The machines today.", ""], [
        ("colour", ["Machine {n} shows a {v} light.", "The light on {n} is {v}.", "{n} has a {v} light."],
         ["Which light does {n} show?", "What colour is the light on {n}?", "What does machine {n} show?"], ["Machine {n} shows a {v} light."]),
        ("person", ["{v} looks after {n}.", "Machine {n} is run by {v}.", "{n} belongs to {v}."],
         ["Who looks after {n}?", "Who runs machine {n}?", "Whose machine is {n}?"], ["{v} looks after machine {n}."]),
        ("time", ["{n} stops at {v}.", "Machine {n} runs until {v}.", "At {v} machine {n} is switched off."],
         ["When does {n} stop?", "Until when does machine {n} run?", "When is {n} switched off?"], ["Machine {n} stops at {v}."]),
    ]),
}

ONSETS = "b br c ch cl d dr f fl g gr h j k l m n p pr qu r s sh sl st t th tr v w y z".split()
VOWELS = "a e i o u ai ea ee ia io oa ou".split()
CODAS = ["", "", "b", "ck", "d", "g", "l", "ll", "m", "n", "nd", "nt", "p", "r", "rd", "rn", "s", "st", "t", "x"]
FIRST = ("Ada Ali Amir Anna Ben Carla Chen Dan Dora Elif Emil Eva Fatima Finn Greta Hugo Ida Ines Ivan Jack Jana Jo Karim Kim Lea "
         "Leo Lin Lucy Maya Max Mia Mona Nadia Nico Noor Olga Omar Otto Paul Pia Priya Raj Rosa Sam Sara Sven Tara Theo Tom Uma Vera Will Yan Zoe").split()
ADJECTIVES = "old red quiet golden little last broken green silent hidden paper winter second blue empty".split()
NOUNS = "garden letter door bridge winter mirror island clock sailor forest kitchen shadow song bicycle lantern teacher".split()
FOODS = ("green tea, black coffee, apple juice, cold milk, hot chocolate, lemonade, honey, fresh mint, ginger, garlic, brown sugar, "
         "olive oil, smoked salt, white beans, dark bread, orange peel, cinnamon, sour cream, red pepper, walnuts").split(", ")
ANIMALS = "cat dog rabbit parrot goat pony turtle hamster duck goose donkey lizard".split()
COLOURS = "red green blue yellow white orange purple grey".split()
WEEKDAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
SUBJECTS = "algebra biology chemistry drawing ethics French geometry history Italian judo Latin music painting physics pottery Russian singing Spanish swimming theatre writing yoga".split()


def invented(rng, syllables):
    return "".join(rng.choice(ONSETS) + rng.choice(VOWELS) + rng.choice(CODAS) for _ in range(syllables)).capitalize()


MAKERS = {
    "person": lambda r: rng_name(r),
    "short": lambda r: invented(r, r.choice([1, 2])),
    "place": lambda r: invented(r, 2),
    "code": lambda r: r.choice("ABCDEFGHJKLMNPRSTUVWXYZ") + r.choice("ABCDEFGHJKLMNPRSTUVWXYZ") * r.randint(0, 1) + str(r.randint(1, 99)),
    "subject": lambda r: r.choice(SUBJECTS),
    "dish": lambda r: f"{invented(r, 2)} {r.choice(['soup', 'pie', 'stew', 'salad', 'cake', 'noodles', 'rice', 'bread'])}",
    "title": lambda r: f"The {r.choice(ADJECTIVES).capitalize()} {r.choice(NOUNS).capitalize()}",
    "number": lambda r: str(r.randint(1, 40)),
    "count": lambda r: str(r.randint(2, 400)),
    "digits": lambda r: f"{r.randint(100, 999)}-{r.randint(1000, 9999)}",
    "weight": lambda r: r.choice([f"{r.randint(1, 40)} kg", f"{r.randint(1, 20)}.{r.randint(1, 9)} kg"]),
    "time": lambda r: r.choice([f"{r.randint(1, 12)}:{r.randint(0, 11) * 5:02d}", f"{r.randint(1, 12)} {r.choice(['am', 'pm'])}", f"{r.randint(6, 22)}:{r.randint(0, 59):02d}"]),
    "minutes": lambda r: r.choice([f"{r.randint(3, 90)} minutes", f"{r.randint(2, 5)} hours"]),
    "money": lambda r: r.choice([f"${r.randint(2, 90)}", f"{r.randint(2, 90)} dollars", f"${r.randint(2, 30)}.{r.randint(1, 19) * 5:02d}"]),
    "food": lambda r: r.choice(FOODS),
    "animal": lambda r: r.choice(ANIMALS),
    "colour": lambda r: r.choice(COLOURS),
    "weekday": lambda r: r.choice(WEEKDAYS),
}
UNKNOWN = ["I am sorry, there is nothing about {n}.", "{n} is not on the list."]


def rng_name(rng):
    first = rng.choice(FIRST) if rng.random() < 0.4 else invented(rng, rng.choice([1, 2]))
    return first if rng.random() < 0.7 else f"{first} {invented(rng, 2)}"


def different(make, rng, count):
    values = []
    while len(values) < count:
        value = make(rng)
        if value not in values:
            values.append(value)
    return values


def lookup(rng):
    """One conversation, as messages."""
    form, introductions, facts = KINDS[rng.choice(sorted(KINDS))]
    names = different(MAKERS[form], rng, rng.randint(2, 6))
    *names, stranger = names if len(names) > 2 else names + different(MAKERS[form], rng, 1)
    told = rng.sample(facts, rng.randint(1, 2 if len(names) > 3 else 3))
    table = {}
    lines = []
    styles = [rng.choice(statements) for _, statements, _, _ in told]
    for name in names:
        for (kind, statements, _, _), style in zip(told, styles):
            value = MAKERS[kind](rng)
            statement = style if rng.random() < 0.8 else rng.choice(statements)
            table[name, kind] = value
            lines.append((statement.format(n=name, v=value)))
    if rng.random() < 0.3:
        rng.shuffle(lines)
    joint = rng.choice([" ", " ", "\n"])
    message = joint.join(filter(None, [rng.choice(introductions), *(line[0].upper() + line[1:] for line in lines)]))
    messages = []
    for turn in range(rng.randint(1, 4)):
        kind, _, questions, answers = rng.choice(told)
        asked = stranger if rng.random() < 0.08 else rng.choice(names)
        question = rng.choice(questions).format(n=asked)
        value = table.get((asked, kind))
        answer = rng.choice(UNKNOWN).format(n=asked) if value is None else rng.choice(answers).format(n=asked, v=value)
        content = question if turn else rng.choice([f"{message}{joint}{question}", f"{message}\n{question}"])
        messages += [{"role": "user", "content": content}, {"role": "assistant", "content": answer[0].upper() + answer[1:]}]
    return messages


def lookups(count, seed=1):
    rng = random.Random(seed)
    for _ in range(count):
        yield lookup(rng)
