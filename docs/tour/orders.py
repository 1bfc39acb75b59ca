import functools


class Order:
    def __init__(self, number, customer, total):
        self.number = number
        self.customer = customer
        self.total = total

    @functools.lru_cache(maxsize=None)
    def taxed(self, rate):
        return self.total * (1 + rate)


def read_orders(path):
    orders = []
    with open(path) as f:
        for line in f.readlines():
            number, customer, total = line.split(";")
            orders.append(Order(int(number), customer, float(total)))
    return orders


def revenue(path):
    return sum([order.taxed(0.2) for order in read_orders(path)])
