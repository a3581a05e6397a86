"""What the Brightwater travel desk knows. Town, lines and sights are invented for this project."""

# Where each line goes, and its facts.
LINES = {
    "Silver Bay": {"kind": "ferry", "first": "8:10", "last": "18:40", "stop": "pier 1", "price": 9, "minutes": 35},
    "Sandy Cove": {"kind": "ferry", "first": "9:30", "last": "17:15", "stop": "pier 2", "price": 14, "minutes": 50},
    "Stone Harbor": {"kind": "ferry", "first": "7:45", "last": "20:05", "stop": "pier 3", "price": 21, "minutes": 75},
    "Maple Hill": {"kind": "bus", "first": "6:20", "last": "21:10", "stop": "stand 4", "price": 3, "minutes": 15},
    "Green Lake": {"kind": "bus", "first": "8:50", "last": "19:30", "stop": "stand 5", "price": 5, "minutes": 25},
    "Apple Farm": {"kind": "bus", "first": "10:15", "last": "16:45", "stop": "stand 6", "price": 4, "minutes": 20},
    "Snow Valley": {"kind": "train", "first": "7:05", "last": "22:00", "stop": "platform 7", "price": 26, "minutes": 90},
    "North Point": {"kind": "train", "first": "6:40", "last": "20:50", "stop": "platform 8", "price": 17, "minutes": 60},
    "River Cross": {"kind": "train", "first": "9:55", "last": "18:20", "stop": "platform 9", "price": 12, "minutes": 40},
}
STOP_WORDS = {"ferry": "pier", "bus": "stand", "train": "platform"}

SIGHTS = {
    "castle": {"opens": "9:00", "closes": "18:00", "day": "Monday", "price": 8, "landmark": "town hall"},
    "lighthouse": {"opens": "10:00", "closes": "16:00", "day": "Tuesday", "price": 4, "landmark": "harbor"},
    "museum": {"opens": "11:00", "closes": "19:00", "day": "Wednesday", "price": 6, "landmark": "park"},
    "zoo": {"opens": "8:30", "closes": "17:00", "day": "Thursday", "price": 11, "landmark": "train station"},
    "theater": {"opens": "13:00", "closes": "22:30", "day": "Friday", "price": 15, "landmark": "bridge"},
    "library": {"opens": "8:00", "closes": "20:00", "day": "Sunday", "price": 2, "landmark": "church"},
}

# What one may bring, by kind of line: the desk's answers.
RULES = {
    "ferry": {
        "dog": "Yes, dogs travel free on the ferry.",
        "bike": "Yes, a bike costs 2 dollars on the ferry.",
        "food": "Yes, there is a cafe on the ferry.",
        "child": "Children travel free on the ferry.",
    },
    "bus": {
        "dog": "I am sorry, dogs are not allowed on the bus.",
        "bike": "I am sorry, bikes are not allowed on the bus.",
        "food": "I am sorry, there is no cafe on the bus.",
        "child": "Children pay 1 dollar on the bus.",
    },
    "train": {
        "dog": "Yes, a dog costs 3 dollars on the train.",
        "bike": "Yes, bikes travel free on the train.",
        "food": "Yes, there is a cafe on the train.",
        "child": "Children travel free on the train.",
    },
}
