-- Returns the newest position.
return {epoch, digits(last)}
