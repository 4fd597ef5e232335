// LocalProxy
