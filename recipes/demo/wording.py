"""How boards and travellers put it, and what the desk says. Every sentence is written for this project.

The desk's sentences are few and steady, the others' are many: what is learned is to find the fact on the
board. Words in braces are the line's or sight's own: {name}, {kind}, and its facts.
"""

# Of each fact: how a board says it, how people ask for it, how they go on asking, and the desk's answer.
LINE = {
    "time": {
        "board": [
            "The {kind} to {name} leaves at {time}.", "The {kind} to {name} departs at {time}.", "{name}: the {kind} goes at {time}.",
            "At {time} there is a {kind} to {name}.", "The {kind} for {name} starts at {time}.",
        ],
        "ask": [
            "When does the {kind} to {name} leave?", "What time is the {kind} to {name}?", "At what time can I go to {name}?",
            "I am going to {name}. When do I have to be there?", "When does the {kind} for {name} start?", "What is the departure time for {name}?",
            "Can you tell me when the {kind} to {name} leaves?", "I do not want to miss the {kind} to {name}. When does it go?",
        ],
        "more": ["And when does it leave?", "What time does it go?", "At what time is that?"],
        "answer": "The {kind} to {name} leaves at {time}.",
    },
    "stop": {
        "board": [
            "The {kind} to {name} leaves from {where} {stop}.", "The {kind} to {name} is at {where} {stop}.", "For {name} go to {where} {stop}.",
            "{name}: {where} {stop}.", "The {kind} for {name} waits at {where} {stop}.",
        ],
        "ask": [
            "Where does the {kind} to {name} leave from?", "Which {where} do I need for {name}?", "Where do I get on the {kind} to {name}?",
            "From which {where} does the {kind} to {name} leave?", "Where should I wait for the {kind} to {name}?",
            "I am going to {name}. Which {where} is it?", "Can you tell me the right {where} for {name}?", "What is the {where} for {name}?",
        ],
        "more": ["And where does it leave from?", "Which {where} is it?", "Where do I get on?"],
        "answer": "The {kind} to {name} leaves from {where} {stop}.",
    },
    "price": {
        "board": [
            "A ticket to {name} costs {price} dollars.", "The {kind} to {name} costs {price} dollars.", "{name}: {price} dollars.",
            "The fare to {name} is {price} dollars.", "You pay {price} dollars for the {kind} to {name}.",
        ],
        "ask": [
            "How much is a ticket to {name}?", "What does the {kind} to {name} cost?", "How much do I pay for the {kind} to {name}?",
            "What is the fare to {name}?", "How much is the {kind} to {name}?", "Can you tell me the price of a ticket to {name}?",
            "I would like to go to {name}. What does it cost?", "Is it expensive to go to {name}?",
        ],
        "more": ["And how much is a ticket?", "What does it cost?", "And the price?"],
        "answer": "A ticket to {name} costs {price} dollars.",
    },
    "minutes": {
        "board": [
            "The trip to {name} takes {minutes} minutes.", "It takes {minutes} minutes to {name}.", "{name} is {minutes} minutes away.",
            "The {kind} needs {minutes} minutes to {name}.", "The {kind} to {name} takes {minutes} minutes.",
        ],
        "ask": [
            "How long does the {kind} to {name} take?", "How long is the trip to {name}?", "How many minutes is it to {name}?",
            "How long will I be on the {kind} to {name}?", "Is it a long trip to {name}?", "Is {name} far from here?",
            "How far is {name}?", "Can you tell me how long the trip to {name} is?",
        ],
        "more": ["And how long does it take?", "How long is the trip?", "Is it far?"],
        "answer": "The trip to {name} takes {minutes} minutes.",
    },
}
SIGHT = {
    "opens": {
        "board": ["The {name} opens at {opens}.", "You can visit the {name} from {opens}.", "At {opens} the {name} opens.", "{name}: open from {opens}."],
        "ask": ["When does the {name} open?", "What time does the {name} open?", "How early can we go to the {name}?", "From what time is the {name} open?"],
        "more": ["And when does it open?", "From what time is it open?", "How early can we come?"],
        "answer": "The {name} opens at {opens}.",
    },
    "closes": {
        "board": ["The {name} closes at {closes}.", "At {closes} the {name} closes.", "You have to leave the {name} at {closes}.", "The {name} is open until {closes}."],
        "ask": ["When does the {name} close?", "What time does the {name} close?", "How late can we stay at the {name}?", "Until what time is the {name} open?"],
        "more": ["And when does it close?", "Until what time is it open?", "How late can we stay?"],
        "answer": "The {name} closes at {closes}.",
    },
    "entry": {
        "board": ["A ticket for the {name} costs {entry} dollars.", "The {name} costs {entry} dollars.", "You pay {entry} dollars at the {name}.", "Entry to the {name} is {entry} dollars."],
        "ask": ["How much is a ticket for the {name}?", "What does the {name} cost?", "How much do I pay at the {name}?", "Can you tell me the price of the {name}?"],
        "more": ["And how much is a ticket?", "What does it cost?", "And the price?"],
        "answer": "A ticket for the {name} costs {entry} dollars.",
    },
    "landmark": {
        "board": ["The {name} is next to the {landmark}.", "The {name} stands by the {landmark}.", "You find the {name} near the {landmark}.", "By the {landmark} is the {name}."],
        "ask": ["Where is the {name}?", "Where do I find the {name}?", "How do I get to the {name}?", "Can you tell me the way to the {name}?"],
        "more": ["And where is it?", "Where do I find it?", "How do we get there?"],
        "answer": "The {name} is next to the {landmark}.",
    },
    "day": {
        "board": ["The {name} is closed on {day}.", "On {day} the {name} is closed.", "The {name} does not open on {day}.", "{name}: closed on {day}."],
        "ask": ["On which day is the {name} closed?", "Is the {name} open every day?", "Is there a day when the {name} is closed?", "When should I not go to the {name}?"],
        "more": ["Is it open every day?", "And on which day is it closed?", "When should we not come?"],
        "answer": "The {name} is closed on {day}.",
    },
}
# A board as a table has a row a line or sight: its name, then these, in this order.
ROWS = {
    "time": "{time}", "stop": "{where} {stop}", "price": "{price} dollars", "minutes": "{minutes} minutes",
    "opens": "opens {opens}", "closes": "closes {closes}", "entry": "{entry} dollars", "landmark": "next to the {landmark}", "day": "closed on {day}",
}

BOARDS = ["The board says:", "This is on the board.", "I can read this here.", "Here is the plan for today.", "Today's notice:", "Please look at this.", "", "", ""]
GREETINGS = ["Hello.", "Good morning.", "Hi, I need some help.", "Excuse me.", "Good evening.", "", "", "", ""]

UNKNOWN = "I am sorry, the board does not say that."  # a fact it gives of nothing
STRANGER_LINE = "I am sorry, {name} is not on the board."
STRANGER_SIGHT = "I am sorry, the {name} is not on the board."
WHICH_LINE = "Where would you like to go?"
WHICH_SIGHT = "Which sight would you like to see?"

# Questions that leave the place open, by the fact; the desk asks back, and is told.
OPEN = {
    "time": ["When does it leave?", "What time can I leave?", "When do I have to be there?"],
    "stop": ["Where does it leave from?", "Where do I get on?", "Where should I wait?"],
    "price": ["How much is a ticket?", "What does a ticket cost?", "How much do I have to pay?"],
    "minutes": ["How long does the trip take?", "How long is the trip?", "How many minutes is it?"],
    "opens": ["When does it open?", "How early can we go?"],
    "closes": ["When does it close?", "How late can we stay?"],
    "entry": ["How much is a ticket?", "What does a ticket cost?"],
    "landmark": ["Where is it?", "How do we get there?"],
    "day": ["Is it open every day?", "On which day is it closed?"],
}
TOLD_LINE = ["To {name}.", "I want to go to {name}.", "{name}, please.", "The {kind} to {name}."]
TOLD_SIGHT = ["The {name}.", "I mean the {name}.", "We want to see the {name}.", "The {name}, please."]

OFF_TOPIC = [
    "Write a poem about the sea.", "Can you help me with my homework?", "How do I bake bread?", "Tell me a joke about a cat.",
    "Who will win the football game?", "My computer is broken. What should I do?", "What is the best movie of all time?", "Should I buy gold this year?",
    "I have a headache. What should I take?", "Who was the first president?", "Translate my letter into French.", "How do plants grow?",
    "Can you give me a recipe for apple pie?", "Sing me a song.", "Write a story about a dragon.", "Which phone should I buy?",
    "How do I learn to play the guitar?", "What is the meaning of life?", "How will the weather be tomorrow?", "What is the news today?",
]
OFF_TOPIC_ANSWER = "I am sorry, I can only help with what is on the board."

THANKS = ["Thank you!", "Thanks a lot.", "Thank you very much.", "Thanks for your help.", "Many thanks!"]
WELCOME_LINE = "You are welcome. Have a good trip to {name}!"
WELCOME_SIGHT = "You are welcome. Enjoy the {name}!"

# Replies that a reader would rank second: rude, empty, off the point, or an invention.
WORSE = [
    "No idea.", "Look at the board yourself.", "Why do you want to know that?", "Ask somebody else. I am busy.",
    "Please read the timetable.", "I knew that once, but I forgot.", "Maybe today, maybe tomorrow. Who knows?",
    "Travel is very popular. Many people travel every year, for many reasons.", "You should stay at home.", "ok",
    "It was invented a long time ago.", "I do not like questions like that one.",
    "Just follow the other people and hope for the best.", "The weather is nice today. Do you like the weather?",
    "Something like 99 dollars at 3:07 from platform 99, I guess.", "Is that all? Next, please.",
]
