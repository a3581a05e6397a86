"""How travellers ask, and how the desk answers. Every sentence is written for this project.

Names in braces are facts of timetable.py, or of the conversation. The desk's sentences are few and
steady, the travellers' are many: what is learned is to hear the question behind the wording.
"""

# ask:    for each fact, a question that opens a conversation
# more:   for each fact, follow-up questions
# answer: for each fact, the desk's answer

TRIP = {
    "intro": [
        "", "", "", "", "I am going to {place}. ", "I want to visit my sister in {place}. ", "We are on our way to {place}. ",
        "My friends told me about {place}. ", "I have never been to {place}. ", "We would like to spend a day in {place}. ",
        "I have to be in {place} this week. ", "My son wants to see {place}. ",
    ],
    "ask": {
        "first": [
            "When does the first {kind} to {place} leave?", "What time is the first {kind} to {place}?",
            "How early can I go to {place}?", "I get up early. When does the first {kind} to {place} leave?",
            "When is the first {kind} to {place} in the morning?", "Can you tell me when the first {kind} to {place} leaves?",
        ],
        "last": [
            "When does the last {kind} to {place} leave?", "What time is the last {kind} to {place}?",
            "How late can I go to {place}?", "I have to work late. When does the last {kind} to {place} leave?",
            "When is the last {kind} to {place} in the evening?", "Can you tell me when the last {kind} to {place} leaves?",
        ],
        "stop": [
            "Where does the {kind} to {place} leave from?", "Which {stop_word} do I need for {place}?",
            "From which {stop_word} does the {kind} to {place} leave?", "Where do I get on the {kind} to {place}?",
            "Where should I wait for the {kind} to {place}?", "Can you tell me the right {stop_word} for {place}?",
        ],
        "price": [
            "How much is a ticket to {place}?", "What does the {kind} to {place} cost?",
            "How much do I have to pay for the {kind} to {place}?", "What is the fare to {place}?",
            "How much is the {kind} to {place}?", "Can you tell me the price of a ticket to {place}?",
        ],
        "minutes": [
            "How long does the {kind} to {place} take?", "How long is the trip to {place}?",
            "How many minutes is it to {place}?", "How long will I be on the {kind} to {place}?",
            "Is it a long trip to {place}?", "Is {place} far from here?",
        ],
        "way": [
            "How do I get to {place}?", "What is the best way to {place}?", "How can I go to {place}?",
            "Is there a bus or a train to {place}?", "What do I take to {place}?", "Can you tell me the way to {place}?",
        ],
    },
    "more": {
        "first": ["And when does the first one leave?", "What time is the first one?", "How early can I go?"],
        "last": ["And when does the last one leave?", "What time is the last one?", "How late can I go?"],
        "stop": ["And where does it leave from?", "Which {stop_word} do I need?", "Where do I get on?"],
        "price": ["And how much is a ticket?", "What does it cost?", "And the price?"],
        "minutes": ["And how long does it take?", "How long is the trip?", "Is it far?"],
        "way": ["And how do I get there?", "What do I take?"],
    },
    "answer": {
        "first": "The first {kind} to {place} leaves at {first}.",
        "last": "The last {kind} to {place} leaves at {last}.",
        "stop": "The {kind} to {place} leaves from {stop}.",
        "price": "A ticket to {place} costs {price} dollars.",
        "minutes": "The trip to {place} takes {minutes} minutes.",
        "way": "Please take the {kind} to {place}. It leaves from {stop}.",
    },
    "welcome": "You are welcome. Have a good trip to {place}!",
}

SIGHT = {
    "intro": [
        "", "", "", "", "I want to see the {sight}. ", "My daughter loves the {sight}. ", "We have a free day. ",
        "Somebody told me about the {sight}. ", "It is my first day in Brightwater. ", "We are new in town. ",
    ],
    "ask": {
        "opens": [
            "When does the {sight} open?", "What time does the {sight} open?", "How early can we go to the {sight}?",
            "Can you tell me when the {sight} opens?",
        ],
        "closes": [
            "When does the {sight} close?", "What time does the {sight} close?", "How late can we stay at the {sight}?",
            "Can you tell me when the {sight} closes?",
        ],
        "day": [
            "On which day is the {sight} closed?", "Is the {sight} open every day?", "Is there a day when the {sight} is closed?",
            "When should I not go to the {sight}?",
        ],
        "price": [
            "How much is a ticket for the {sight}?", "What does the {sight} cost?", "How much do I have to pay at the {sight}?",
            "Can you tell me the price of the {sight}?",
        ],
        "landmark": [
            "Where is the {sight}?", "Where do I find the {sight}?", "How do I get to the {sight}?",
            "Can you tell me the way to the {sight}?",
        ],
    },
    "more": {
        "opens": ["And when does it open?", "From what time is it open?"],
        "closes": ["And when does it close?", "Until what time is it open?"],
        "day": ["Is it open every day?", "And on which day is it closed?"],
        "price": ["And how much is a ticket?", "What does it cost?"],
        "landmark": ["And where is it?", "Where do I find it?"],
    },
    "answer": {
        "opens": "The {sight} opens at {opens}.",
        "closes": "The {sight} closes at {closes}.",
        "day": "The {sight} is closed on {day}.",
        "price": "A ticket for the {sight} costs {price} dollars.",
        "landmark": "The {sight} is next to the {landmark}.",
    },
    "welcome": "You are welcome. Enjoy the {sight}!",
}

# What travellers ask about a kind of line; the answers are timetable.py's RULES.
RULES = {
    "dog": ["Can I bring my dog on the {kind}?", "Does my dog need a ticket on the {kind}?", "Are dogs allowed on the {kind}?"],
    "bike": ["Can I take my bike on the {kind}?", "Are bikes allowed on the {kind}?", "What about my bike? I am taking the {kind}."],
    "food": ["Can I get something to eat on the {kind}?", "Is there a cafe on the {kind}?", "Where can I buy lunch on the {kind}?"],
    "child": ["How much is the {kind} for a child?", "Does my son need a ticket for the {kind}?", "Do children pay on the {kind}?"],
}
RULES_MORE = {
    "dog": ["And my dog?", "Can I bring my dog?"],
    "bike": ["And my bike?", "Can I take my bike?"],
    "food": ["Can I get something to eat?", "Is there a cafe?"],
    "child": ["And for a child?", "Do children pay?"],
}

# Whole conversations: the traveller's and the desk's turns, one after the other.
BOOKINGS = [
    ["Please book a seat on the {kind} to {place}.",
     "With pleasure. Would you like the first {kind} or the last one?",
     "The first one, please.",
     "Thank you. Your seat is booked. The first {kind} to {place} leaves at {first}."],
    ["I would like to book a seat to {place}.",
     "With pleasure. Would you like the first {kind} or the last one?",
     "The last one, please.",
     "Thank you. Your seat is booked. The last {kind} to {place} leaves at {last}."],
    ["Can I book a seat on the {kind} to {place}?",
     "With pleasure. Would you like the first {kind} or the last one?",
     "I will take the first one.",
     "Thank you. Your seat is booked. The first {kind} to {place} leaves at {first}."],
    ["I need a seat to {place}.",
     "With pleasure. Would you like the first {kind} or the last one?",
     "I will take the last one.",
     "Thank you. Your seat is booked. The last {kind} to {place} leaves at {last}."],
    ["Please book a seat on the first {kind} to {place}.",
     "With pleasure. Your seat is booked. The first {kind} to {place} leaves at {first}."],
    ["Can you book me a seat on the last {kind} to {place}?",
     "With pleasure. Your seat is booked. The last {kind} to {place} leaves at {last}."],
    ["Please cancel my seat on the {kind} to {place}.",
     "I am sorry to hear that. Your seat to {place} is cancelled."],
    ["I cannot travel to {place} today. Can you cancel my seat?",
     "I am sorry to hear that. Your seat to {place} is cancelled."],
]

SMALL_TALK = [
    ("Hello!", "Hello, and welcome to the Brightwater travel desk. How can I help you?"),
    ("Hi there.", "Hello, and welcome to the Brightwater travel desk. How can I help you?"),
    ("Good morning!", "Good morning, and welcome to the Brightwater travel desk. How can I help you?"),
    ("Good evening.", "Good evening, and welcome to the Brightwater travel desk. How can I help you?"),
    ("Who are you?", "I am the Brightwater travel desk. I can help you with trips, tickets and sights."),
    ("What can you do?", "I am the Brightwater travel desk. I can help you with trips, tickets and sights."),
    ("Are you a robot?", "I am the Brightwater travel desk, a small computer program. How can I help you?"),
    ("Can you help me?", "With pleasure. I can help you with trips, tickets and sights."),
]

# Places no line goes to.
ELSEWHERE = [
    "London", "Paris", "Rome", "Berlin", "Madrid", "Tokyo", "New York", "Boston", "Chicago", "Moscow", "Vienna", "Dublin",
    "Sydney", "Cairo", "Athens", "Lisbon",
]
ELSEWHERE_ASK = [
    "When does the train to {elsewhere} leave?", "How much is a ticket to {elsewhere}?", "How do I get to {elsewhere}?",
    "Please book a seat to {elsewhere}.", "Is there a ferry to {elsewhere}?", "How long is the trip to {elsewhere}?",
]
ELSEWHERE_ANSWER = "I am sorry, we do not go there. I can help you with trips around Brightwater."

# What the desk does not do.
OFF_TOPIC = [
    "Write a poem about the sea.", "Can you help me with my math homework?", "How do I bake bread?", "Tell me a joke about a cat.",
    "Who will win the football game on Sunday?", "My computer is broken. What should I do?", "What is the best movie of all time?",
    "Should I buy gold this year?", "I have a headache. What should I take?", "Write a Python program that sorts a list.",
    "Who was the first president?", "Translate my letter into French.", "How do plants grow?", "What is two plus two?",
    "Can you give me a recipe for apple pie?", "Sing me a song.", "Write a story about a dragon.", "Which phone should I buy?",
    "How do I learn to play the guitar?", "Explain black holes to me.", "What is the meaning of life?", "What do you think about love?",
    "How will the weather be tomorrow?", "Do you know a good hotel?", "What is the news today?", "Give me some ideas for a birthday gift.",
]
OFF_TOPIC_ANSWER = "I am sorry, I cannot help with that. I can help you with trips, tickets and sights."

GREETINGS = ["", "", "", "Hello! ", "Good morning. ", "Hi, I need some help. ", "Excuse me. ", "Good evening. "]
THANKS = ["Thank you!", "Thanks a lot.", "Thank you very much.", "Thanks for your help.", "Many thanks!"]
WELCOME = "You are welcome. Have a lovely day!"
GOODBYES = ["Goodbye!", "Bye, see you soon.", "I have to go now."]
GOODBYE = "Goodbye, and safe travels!"

# Replies that a reader would rank second: rude, empty, off the point, or an invention.
WORSE = [
    "No idea.", "Look at the board yourself.", "Why do you want to know that?", "Ask somebody else. I am busy.",
    "Please read the timetable.", "I knew that once, but I forgot.", "Maybe today, maybe tomorrow. Who knows?",
    "Travel is very popular. Many people travel every year, for many reasons.", "You should stay at home.", "ok",
    "It was invented a long time ago.", "I do not like questions like that one.",
    "Just follow the other people and hope for the best.", "The weather is nice today. Do you like the weather?",
    "Something like 99 dollars at 3:05 from platform 77, I guess.", "Is that all? Next, please.",
]
