"""What stands on the boards of the travel desk: lines and sights, their names and figures, all invented.

Each conversation has a board of its own, put together by chance, and held-out conversations have names,
times and numbers that no training conversation has.
"""

# kind of line: what it leaves from
LINES = {"ferry": "pier", "bus": "stand", "train": "platform", "tram": "stop"}
SIGHTS = ["Castle", "Museum", "Tower", "Garden", "Palace", "Gallery", "Mill", "Theater"]

PLACES = {
    "train": (
        "Abbot Green, Aldermoor, Amberley, Applewick, Ashcombe, Barrow Hill, Beckford, Birchwood, Black Rock, Blue Harbor, Bramble End, "
        "Briar Hill, Bridgeport, Brindle, Cedar Falls, Charlton, Cherry Lane, Clayburn, Clearwater, Cliffside, Copper Bay, Corin, Crane Island, "
        "Crosby, Dale End, Deepwell, Dover Beach, Drayton, Eagle Rock, Eastbrook, Elm Park, Fairview, Falcon Point, Fern Hollow, Fishers Bay, "
        "Fox Hill, Garland, Glenmore, Golden Sands, Granby, Green Lake, Hadley, Halden, Harper Bridge, Hazelwood, Heron Lake, High Mill, "
        "Holloway, Indigo Bay, Iron Bridge, Ivy Farm, Juniper, Kelby, Kestrel Point, Kings Ferry, Lake View, Larkfield, Lindale, Long Beach, "
        "Lower Marsh, Maple Hill, Marston, Mayfield, Mill Creek, Morley, New Haven, North Shore, Oak Ridge, Old Quay, Orchard Hill, Oxley, "
        "Pearl Island, Pine Valley, Port Ellis, Queens Park, Raven Cliff, Red Lodge, Ridgeway, Rosedale, Salt Creek, Sandy Cove, Selby, "
        "Silver Bay, South Gate, Stanton, Stone Cross, Sunny Hill, Swan Lake, Tall Trees, Thornton, Turner Hill, Upper Ford, Vale Royal, "
        "Walnut Creek, Westbury, White Cliff, Willow Bend, Winter Hill, Woodside, Yarrow"
    ).split(", "),
    "held_out": (
        "Arden Heath, Badger Wood, Bellmont, Calder Bridge, Coral Beach, Dunmore, Ellerby, Finch Meadow, Grayling, Hartwell, Jasper Hill, "
        "Kirkdale, Lantern Bay, Moss Landing, Nettle Farm, Otter Creek, Penrose, Quarry Bank, River Cross, Snow Valley, Tamarind, Underhill, "
        "Verdant Isle, Wexford, Yellow Springs"
    ).split(", "),
}
LANDMARKS = {
    "train": (
        "town hall, old harbor, market square, central park, stone bridge, post office, fish market, library, fire station, city wall, "
        "university, rose garden, clock tower, opera house, river bank, main square"
    ).split(", "),
    "held_out": "lighthouse, swimming pool, boat club, bakery, school, cathedral".split(", "),
}
WEEKDAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]


def share(split, values):
    """This split's part of a list of figures: one in five is held out, with any last digit."""
    return [value for place, value in enumerate(values) if (sum(map(int, str(place))) % 5 == 3) == (split == "held_out")]


def figures(split):
    """What a name or a number on a board is drawn from."""
    times = [f"{hour}:{minute:02d}" for hour in range(5, 23) for minute in range(0, 60, 5)]
    numbers = share(split, range(100))
    return {
        "place": PLACES[split],
        "landmark": LANDMARKS[split],
        "time": share(split, times),
        "stop": [n for n in numbers if 1 <= n <= 30],
        "price": [n for n in numbers if 2 <= n <= 60],
        "minutes": [n for n in numbers if 10 <= n],
    }
